"""API Gateway, Step Functions and SQS: what is billed and what AWS would refuse."""

import numpy as np
import pytest

from models.billing import bill
from models.errors import InvalidInputError
from models.services.apigateway import HttpApi, RestApi, WebSocketApi
from models.services.sqs import Queue
from models.services.stepfunctions import (
    StateMachine,
    express_gb_seconds,
    standard_break_even_transitions,
)


def quantities(resource):
    usage = resource.estimate()
    return {key.meter.usage_type: usage.total(key) for key in usage}


# --- API Gateway ------------------------------------------------------------------------------


def test_a_rest_call_counts_once_and_its_cache_by_the_hour():
    api = RestApi(name="rest", requests=500, cache_cluster_size="0.5", cache_hours=10)
    assert quantities(api) == {"ApiGatewayRequest": 500, "ApiGatewayCacheUsage:0.5GB": 10}


@pytest.mark.parametrize(("size", "hour_usd"), [("0.5", 0.02), ("237", 3.8)])
def test_every_size_of_cache_that_is_offered_has_a_price(size, hour_usd):
    (line,) = bill(RestApi(name="rest", cache_cluster_size=size).estimate()).lines
    assert line.unit_price_usd == hour_usd


def test_an_http_call_counts_for_each_512_kb():
    kb = np.array([1, 512, 513, 1025])
    found = quantities(HttpApi(name="http", requests=10, request_kb=kb))
    assert found["ApiGatewayHttpRequest"] == pytest.approx([10, 10, 20, 30])


def test_a_message_counts_for_each_32_kb_and_a_connection_for_each_minute():
    api = WebSocketApi(name="chat", messages=10, message_kb=33, connection_minutes=600)
    assert quantities(api) == {"ApiGatewayMessage": 20, "ApiGatewayMinute": 600}


def test_the_throttle_is_that_of_the_account_unless_given():
    api = HttpApi(name="http")
    assert (api.throttle_rate_per_second, api.throttle_burst) == (10_000, 5_000)
    assert HttpApi(name="http", throttle_rate_per_second=0.5).throttle_rate_per_second == 0.5


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (RestApi, {"integration_timeout_seconds": 30}, r"from 0.05 to 29 \[s\] .*limits"),
        (RestApi, {"integration_timeout_seconds": 0.01}, "from 0.05 to 29"),
        (RestApi, {"integration_timeout_seconds": float("nan")}, "from 0.05 to 29"),
        (HttpApi, {"integration_timeout_seconds": 30.5}, r"from 0.05 to 30 \[s\] .*http-api-quot"),
        (RestApi, {"cache_cluster_size": "1.6"}, "cache_cluster_size"),
        (RestApi, {"throttle_burst": -1}, "throttle_burst"),
        (RestApi, {"throttle_rate_per_second": -1}, "throttle_rate_per_second"),
        (WebSocketApi, {"message_kb": 129}, "at most 128"),
    ],
)
def test_an_api_that_aws_would_refuse_is_refused(kind, fields, said):
    with pytest.raises(InvalidInputError, match=said):
        kind(name="api", **fields)


# --- Step Functions ---------------------------------------------------------------------------


def test_a_standard_workflow_is_charged_by_the_transition_only():
    runs = StateMachine(name="runs", executions=10, transitions_per_execution=7, duration_ms=1e9)
    assert quantities(runs) == {"StateTransition": 70}


def test_an_express_workflow_is_charged_by_request_time_and_memory():
    runs = StateMachine(
        name="runs", state_machine_type="EXPRESS", executions=1000,
        duration_ms=np.array([1, 100, 101]),
    )  # fmt: skip
    found = quantities(runs)
    assert found["StepFunctions-Request"] == 1000
    assert found["StepFunctions-GB-Second"] == pytest.approx(np.array([100, 100, 200]) * 64 / 1024)


def test_an_express_workflow_ends_within_five_minutes():
    with pytest.raises(InvalidInputError, match=r"at most 300,000 for 'EXPRESS' .*service-quotas"):
        StateMachine(name="runs", state_machine_type="EXPRESS", duration_ms=300_001)


def test_at_the_break_even_both_types_cost_the_same():
    gb_seconds = express_gb_seconds(1, 60_000, memory_mb=64)
    even = standard_break_even_transitions(gb_seconds, 0.000001 / 0.000025, 0.00001667 / 0.000025)
    fields = {"name": "runs", "executions": 1000, "duration_ms": 60_000}
    standard = StateMachine(**fields, transitions_per_execution=even)
    express = StateMachine(**fields, state_machine_type="EXPRESS")
    costs = [float(bill(kind.estimate()).total_usd) for kind in (standard, express)]
    assert costs[0] == pytest.approx(costs[1])


# --- SQS --------------------------------------------------------------------------------------


def requests(**fields):
    return quantities(Queue(name="jobs", messages=1000, **fields))["Requests-RBP"]


def test_a_message_is_sent_received_and_deleted():
    assert requests() == 3000
    assert quantities(Queue(name="jobs", fifo=True, messages=1)) == {"Requests-FIFO-RBP": 3}


def test_payload_counts_for_each_64_kb_but_not_to_delete():
    assert requests(message_kb=65) == 1000 * (2 + 2 + 1)


def test_batches_share_a_request_as_far_as_64_kb_go():
    tens = {"send_batch_size": 10, "receive_batch_size": 10, "delete_batch_size": 10}
    assert requests(**tens) == pytest.approx(300)
    assert requests(**tens, message_kb=64) == pytest.approx(1000 + 1000 + 100)


def test_failures_are_received_again_and_polls_that_find_nothing_cost_as_much():
    assert requests(receives_per_message=3) == 5000
    assert requests(empty_receives=500) == 3500


def test_a_sweep_of_batch_sizes_gives_a_point_for_each():
    assert requests(receive_batch_size=np.array([1.0, 2.0, 10.0])) == pytest.approx(
        [3000, 2500, 2100]
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"visibility_timeout_seconds": 43_201}, r"from 0 to 43,200 \[s\] .*quotas-messages"),
        ({"visibility_timeout_seconds": 1.5}, "visibility_timeout_seconds"),
        ({"message_retention_seconds": 59}, r"from 60 to 1,209,600 \[s\] .*quotas-messages"),
        ({"max_receive_count": 0}, "max_receive_count"),
        ({"max_receive_count": 1001}, "max_receive_count"),
        ({"message_kb": 1025}, r"at most 1,024 \[KB\] .*quotas-messages"),
        ({"message_kb": 103, "send_batch_size": 10}, "message_kb times send_batch_size"),
        ({"delete_batch_size": 11}, "delete_batch_size: 11 must be from 1 to 10 .*quotas-messages"),
        ({"receive_batch_size": 0}, "from 1 to 10"),
    ],
)
def test_a_queue_that_aws_would_refuse_is_refused(fields, said):
    with pytest.raises(InvalidInputError, match=said):
        Queue(name="jobs", **fields)
