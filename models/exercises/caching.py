"""Caching: what a hit ratio spares a database, what it costs, and what its loss does."""

from __future__ import annotations

from collections.abc import Iterator

from models import theory
from models.billing import Bill
from models.exercises.exercise import Exercise, Mistake, cost_usd, priced
from models.prices import Catalogue
from models.services.elasticache import ReplicationGroup, database_requests
from models.services.rds import DBCluster

_LESSON = "22_caching_and_the_hit_ratio"
_READS, _LOW, _HIGH = 2000.0, 0.8, 0.95
_MISSES, _HIT_RATIO = 400.0, 0.92
_ITEMS, _HELD = 100_000, 1000
_PERCENT = 100
_READERS = DBCluster(
    name="readers", engine="aurora-postgresql", db_instance_class="db.r6g.large", instances=6
)
_PAIR = ReplicationGroup(name="cache", cache_node_type="cache.r7g.large", replicas_per_node_group=1)
_SHARDS = ReplicationGroup(
    name="redis", engine="redis", cache_node_type="cache.r6g.large", num_node_groups=3,
    replicas_per_node_group=1,
)  # fmt: skip
_POPULARITY = theory.zipf_popularity(_ITEMS)


def _spared(prices: Catalogue) -> float:
    """Reads a second that the database no longer gets. [1/s]"""
    return float(database_requests(_READS, _LOW) - database_requests(_READS, _HIGH))


def _spared_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield f"At 80 % the misses are 2,000 x 0.20 = {database_requests(_READS, _LOW):,.0f} a second."
    yield f"At 95 % they are 2,000 x 0.05 = {database_requests(_READS, _HIGH):,.0f} a second."
    yield "Fifteen points of hits are three quarters of what the database had to do."


def _after_loss(prices: Catalogue) -> float:
    """Reads a second that reach the database without its cache. [1/s]"""
    return _MISSES * float(theory.stampede_factor(_HIT_RATIO))


def _after_loss_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "400 reads a second are the misses: 8 % of all reads."
    yield f"All reads are 400 / 0.08 = {_after_loss(prices):,.0f} a second, and now all are misses."


def _valkey_saves(prices: Catalogue) -> float:
    """What changing the engine saves. [USD a month]"""
    return cost_usd(prices, _SHARDS) - cost_usd(prices, _SHARDS.replace(engine="valkey"))


def _valkey_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Three shards with a replica each are six nodes, for 730 hours. With Redis OSS:"
    yield priced(prices, _SHARDS)
    yield "With Valkey:"
    yield priced(prices, _SHARDS.replace(name="valkey", engine="valkey"))


def _pays_from(prices: Catalogue) -> float:
    """Hit ratio at which a pair of nodes costs what it spares. [percent]"""
    return _PERCENT * cost_usd(prices, _PAIR) / cost_usd(prices, _READERS)


def _pays_working(prices: Catalogue) -> Iterator[str | Bill]:
    yield "Without a cache, six readers:"
    yield priced(prices, _READERS)
    yield "The cache, a primary and its replica:"
    yield priced(prices, _PAIR)
    yield "Each percent of hits spares a percent of the readers, so the two are divided."


def _lru_percent(prices: Catalogue) -> float:
    return _PERCENT * theory.lru_hit_ratio(_POPULARITY, _HELD)


def _lru_working(prices: Catalogue) -> Iterator[str | Bill]:
    requests = theory.characteristic_requests(_POPULARITY, _HELD)
    yield f"In {requests:,.0f} requests 1,000 different pages are expected: so long one stays."
    yield "Page k is held with 1 - exp(-requests x its share); weighted by the shares that is"
    yield f"{_lru_percent(prices):.2f} %. theory.lru_hit_ratio does both steps."


EXERCISES = (
    Exercise(
        id="caching-origin-load",
        topic="caching",
        lesson=_LESSON,
        question="2,000 reads a second ask a cache first. Its hit ratio rises from 80 % to 95 %."
        " How many reads a second does the database get less?",
        unit="reads a second",
        kind="read a number",
        difficulty="basic",
        answer=_spared,
        look="What reaches the database before, and what after?",
        concept="The database gets the misses. They are what the hit ratio leaves over.",
        formula="reads x (1 - hit ratio before) - reads x (1 - hit ratio after)",
        working=_spared_working,
        why="The load of the database goes with the misses, and these fell to a quarter. Near 100 %"
        " each point of hit ratio counts for more than the one before.",
        mistakes=(
            Mistake(
                lambda prices: _READS * (1 - _LOW) * (_HIGH - _LOW),
                "That takes 15 % off the misses. Fifteen points of all reads become hits.",
            ),
            Mistake(
                lambda prices: float(database_requests(_READS, _HIGH)),
                "That is what still reaches the database.",
            ),
            Mistake(
                lambda prices: _READS * _HIGH,
                "Those are the hits, which the database never sees.",
            ),
        ),
        source="The learning material asks for the load of an origin at 80 and 95 percent, and for"
        " 20 against 80 percent. It has the factors and no rate; here is one.",
    ),
    Exercise(
        id="caching-stampede",
        topic="caching",
        lesson=_LESSON,
        question="A database gets 400 reads a second behind a cache with a hit ratio of 92 %. The"
        " only cache node is replaced and comes back empty. How many reads a second reach the"
        " database at first?",
        unit="reads a second",
        kind="break it",
        difficulty="intermediate",
        answer=_after_loss,
        look="Of how many reads are these 400 the ones that missed?",
        concept="With an empty cache everything is a miss. The misses were 1 - h of all reads, so"
        " the load grows by the factor 1 / (1 - h).",
        formula="misses a second / (1 - hit ratio)",
        working=_after_loss_working,
        why="The better the cache, the worse its loss. A database that was made smaller because"
        " the cache is good cannot do without it, not even for a minute.",
        mistakes=(
            Mistake(
                lambda prices: _MISSES / _HIT_RATIO,
                "That divides by the hits. The 400 are the misses.",
            ),
            Mistake(
                lambda prices: _MISSES * 10,
                "The factor of ten belongs to a hit ratio of 90 %.",
            ),
            Mistake(
                lambda prices: _MISSES * (1 + _HIT_RATIO),
                "The 92 % are of all reads, not of those that reach the database.",
            ),
        ),
        source="The learning material has a surge of ten times at 90 percent. Right, and the factor"
        " depends strongly on the hit ratio.",
    ),
    Exercise(
        id="caching-valkey",
        topic="caching",
        lesson=_LESSON,
        question="A Redis OSS replication group in us-east-1 has three shards with one replica"
        " each, all of cache.r6g.large. What does a typical month of 730 hours cost less with"
        " Valkey on the same nodes?",
        unit="USD a month",
        kind="change something",
        difficulty="basic",
        answer=_valkey_saves,
        look="How many nodes are charged for?",
        concept="Each node is charged by the hour, primary or replica, at a price that depends on"
        " the engine.",
        formula="nodes x 730 h x (price with Redis OSS - price with Valkey)",
        working=_valkey_working,
        why="The engine is a field of the group, and Valkey speaks the protocol of Redis. It is the"
        " cheapest change there is here.",
        mistakes=(
            Mistake(
                lambda prices: _valkey_saves(prices) / 2,
                "Replicas are nodes too: three shards with a replica each are six.",
            ),
            Mistake(
                lambda prices: cost_usd(prices, _SHARDS.replace(engine="valkey")),
                "That is the bill with Valkey, not what it saves.",
            ),
        ),
        source="Ours, after AWS's pricing page of ElastiCache; the learning material compares Redis"
        " and Memcached by features, without any price.",
    ),
    Exercise(
        id="caching-break-even",
        topic="caching",
        lesson=_LESSON,
        question="Six readers of the class db.r6g.large (Aurora PostgreSQL, us-east-1) serve all"
        " reads; each percent of hits spares one percent of them, in fractions too. A cache of two"
        " Valkey nodes cache.r7g.large would stand before them. From which hit ratio on does it pay"
        " for itself?",
        unit="percent",
        kind="find the break-even",
        difficulty="intermediate",
        answer=_pays_from,
        look="What does the cache cost a month, and what do all six readers?",
        concept="The cache costs the same at any hit ratio. What it spares grows in proportion to"
        " the hit ratio.",
        formula="100 x cost of the cache / cost of the readers",
        working=_pays_working,
        why="It takes few hits, because memory is cheaper in a cache node than in a database. With"
        " fewer readers the break-even rises; where one instance is enough anyway, no hit ratio"
        " pays.",
        mistakes=(
            Mistake(
                lambda prices: _pays_from(prices) / 2,
                "That is one node. The replica is charged as well.",
            ),
            Mistake(
                lambda prices: _PERCENT - _pays_from(prices),
                "Those are the misses at the break-even.",
            ),
            Mistake(
                lambda prices: 6 * _pays_from(prices),
                "That compares the cache with a single reader.",
            ),
        ),
        source="The learning material asks at which hit ratio a cache before DynamoDB pays, and has"
        " no answer.",
    ),
    Exercise(
        id="caching-one-percent",
        topic="caching",
        lesson=_LESSON,
        question="A shop has 100,000 pages of one size. The page of rank k is asked for in"
        " proportion to 1 / k (Zipf with exponent 1), independently each time. An LRU cache holds"
        " 1,000 of them. Which hit ratio does it reach?",
        unit="percent",
        kind="change something",
        difficulty="advanced",
        answer=_lru_percent,
        look="A cache that always held the 1,000 most popular pages would reach more than half.",
        concept="LRU holds what was asked for lately, and that is not always what is popular. How"
        " long a page stays follows from how many different ones are asked for meanwhile.",
        formula="theory.lru_hit_ratio(theory.zipf_popularity(items), capacity)",
        working=_lru_working,
        why="One page in a hundred answers half of the requests. That is what makes caches worth"
        " while, and why the second percent of pages brings far less than the first.",
        mistakes=(
            Mistake(
                lambda prices: _PERCENT * theory.ideal_hit_ratio(_POPULARITY, _HELD),
                "That is a cache that knows what is popular. LRU also holds pages that came once.",
            ),
            Mistake(
                lambda prices: _PERCENT * _HELD / _ITEMS,
                "That would hold if all pages were equally popular.",
            ),
        ),
        source="Ours, after Breslau and others (1999): the learning material has hit ratios without"
        " saying where one comes from.",
    ),
)
