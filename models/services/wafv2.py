"""AWS WAF: web ACLs, their rules, and the requests they inspect.

Models: web ACLs and rules by the month, prorated by the hour; requests inspected, allowed or
    blocked; one ACL in front of several resources.
Leaves out: Bot Control, fraud control, CAPTCHA and challenges, subscriptions to rule groups of
    the marketplace, what capacity above 1,500 units or large bodies add to a request, logs, and
    Shield Advanced, which includes much of this.
Pricing: https://aws.amazon.com/waf/pricing/ (monthly fees are prorated hourly; the price is the
    same in all Regions and for CloudFront).
"""

from __future__ import annotations

from collections.abc import Iterator

from models.billed_time import hours_within
from models.metering import Meter, Quantity
from models.resource import Amount, Count, Resource
from models.units import BillingPeriod

__all__ = ["WebACL"]

WEB_ACLS = Meter(
    "awswaf", "WebACLV2", "Mo", name="WAF web ACLs",
    rule="Every web ACL by the hour as a share of the month, whatever it inspects.",
    lever="Put one ACL in front of several resources, and delete those of test stages.",
)  # fmt: skip
RULES = Meter(
    "awswaf", "RuleV2", "Mo", name="WAF rules",
    rule="Every rule and rule group of an ACL, and every rule of an own rule group, by the hour as"
    " a share of the month; an ACL elsewhere with the same rules pays again.",
    lever="Join conditions in one rule, and delete rules that never match.",
)  # fmt: skip
REQUESTS = Meter(
    "awswaf", "RequestV2-Tier1", "Requests", name="WAF requests",
    rule="Every request inspected counts once, whether it is allowed or blocked.",
    lever="Inspect only the paths that need it, and inspect once: at CloudFront or behind it.",
)  # fmt: skip


class WebACL(Resource):
    """A web ACL, or several alike.

    Documented: https://docs.aws.amazon.com/waf/latest/developerguide/web-acl.html
    """

    count: Count = 1
    """How many such ACLs."""
    rules: Count = 0
    """Rules of each: its own rules, its rule groups (a managed group is one), and each rule in
    rule groups of your own."""
    requests: Amount = 0
    """Requests that all of them inspect in the period, attacks included."""
    hours: Amount | None = None
    """Hours each exists in the period; the whole period if not given. [h]"""

    def metered(self, period: BillingPeriod) -> Iterator[tuple[Meter, Quantity]]:
        """Yield ACLs and rules as a share of the month, and requests."""
        months = self.count * hours_within(self.hours, period, self.name) / period.hours
        yield WEB_ACLS, months
        yield RULES, months * self.rules
        yield REQUESTS, self.requests
