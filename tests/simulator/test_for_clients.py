"""What other people's clients ask and change: tags and attributes of balancers, listeners, metrics of groups."""

from __future__ import annotations

import pytest

from .wire import BLUE, wire

TAGS = [{"Key": "team", "Value": "a"}, {"Key": "app", "Value": "web"}]
REFRESH = {"InstanceRefreshId": "r", "AutoScalingGroupName": BLUE, "Status": "InProgress"}


def test_metrics_of_a_group_are_enabled_and_disabled():
    """By name or all of them; a group describes which (Ansible's autoscaling_group enables them)."""
    aws = wire()
    aws.asg("EnableMetricsCollection", Metrics=["GroupMinSize", "GroupMaxSize"], Granularity="1Minute")
    some = aws.group()["EnabledMetrics"]
    aws.asg("EnableMetricsCollection", Granularity="1Minute")
    every = aws.group()["EnabledMetrics"]
    aws.asg("DisableMetricsCollection", Metrics=["GroupMinSize"])
    fewer = aws.group()["EnabledMetrics"]
    aws.asg("DisableMetricsCollection")
    assert ["GroupMinSize", "GroupMaxSize"] == [each["Metric"] for each in some]
    assert (20, 19, []) == (len(every), len(fewer), aws.group()["EnabledMetrics"])
    wrong = {"AutoScalingGroupName": BLUE, "Metrics": ["GroupMood"], "Granularity": "1Minute"}
    assert "ValidationError" == aws.refusal("autoscaling", "EnableMetricsCollection", **wrong)[0]


def test_a_classic_balancer_has_tags():
    """Ten at most; an unknown balancer is an error."""
    aws = wire(balancers=["classic"])
    named = {"LoadBalancerNames": [aws.balancer()]}
    aws.call("elb", "AddTags", **named, Tags=TAGS)
    aws.call("elb", "AddTags", **named, Tags=[{"Key": "team", "Value": "b"}])
    aws.call("elb", "RemoveTags", **named, Tags=[{"Key": "app"}])
    found = aws.call("elb", "DescribeTags", **named)["TagDescriptions"]
    assert [{"LoadBalancerName": "web-0", "Tags": [{"Key": "team", "Value": "b"}]}] == found
    many = [{"Key": f"k{number}", "Value": ""} for number in range(10)]
    assert "TooManyTags" == aws.refusal("elb", "AddTags", **named, Tags=many)[0]
    assert "LoadBalancerNotFound" == aws.refusal("elb", "DescribeTags", LoadBalancerNames=["other"])[0]


def test_what_has_an_arn_has_tags_from_its_creation_on():
    """Target groups, load balancers and listeners alike."""
    aws = wire()
    name = {"Name": "api", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1"}
    arn = aws.call("elbv2", "CreateTargetGroup", **name, Tags=TAGS)["TargetGroups"][0]["TargetGroupArn"]
    balancer, listener = (next(iter(known)) for known in (aws.sim.load_balancers, aws.sim.listeners))
    arns = {"ResourceArns": [arn, balancer, listener]}
    aws.call("elbv2", "AddTags", ResourceArns=[listener], Tags=TAGS[:1])
    aws.call("elbv2", "RemoveTags", ResourceArns=[arn], TagKeys=["team"])
    found = {row["ResourceArn"]: row["Tags"] for row in aws.call("elbv2", "DescribeTags", **arns)["TagDescriptions"]}
    assert {arn: TAGS[1:], balancer: [], listener: TAGS[:1]} == found


@pytest.mark.parametrize(
    ("part", "code"), [("targetgroup", "TargetGroupNotFound"), ("loadbalancer/app", "LoadBalancerNotFound")]
)
def test_tags_of_what_is_not_there(part, code):
    """The error names the kind."""
    arn = f"arn:aws:elasticloadbalancing:us-east-1:123456789012:{part}/x/1"
    assert code == wire().refusal("elbv2", "DescribeTags", ResourceArns=[arn])[0]


def test_attributes_of_a_load_balancer():
    """Described with their defaults, changed one by one; deletion protection is obeyed."""
    aws = wire()
    (arn,) = aws.sim.load_balancers
    named = {"LoadBalancerArn": arn}
    before = {
        row["Key"]: row["Value"] for row in aws.call("elbv2", "DescribeLoadBalancerAttributes", **named)["Attributes"]
    }
    protected = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    aws.call("elbv2", "ModifyLoadBalancerAttributes", **named, Attributes=protected)
    refusal = aws.refusal("elbv2", "DeleteLoadBalancer", **named)[0]
    assert ("60", "OperationNotPermitted") == (before["idle_timeout.timeout_seconds"], refusal)
    strange = [{"Key": "colour", "Value": "blue"}]
    assert (
        "InvalidConfigurationRequest"
        == aws.refusal("elbv2", "ModifyLoadBalancerAttributes", **named, Attributes=strange)[0]
    )


@pytest.mark.parametrize("way", ["another target group", "listener", "load balancer"])
def test_a_target_group_goes_out_of_use(way):
    """When its listener sends elsewhere or is deleted, alone or with its load balancer."""
    aws = wire(instances=1)
    name = {"Name": "api", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-1"}
    other = aws.call("elbv2", "CreateTargetGroup", **name)["TargetGroups"][0]["TargetGroupArn"]
    (balancer,), (listener,) = aws.sim.load_balancers, aws.sim.listeners
    if way == "listener":
        aws.call("elbv2", "DeleteListener", ListenerArn=listener)
    elif way == "load balancer":
        aws.call("elbv2", "DeleteLoadBalancer", LoadBalancerArn=balancer)
    else:
        actions = [{"Type": "forward", "TargetGroupArn": other}]
        aws.call("elbv2", "ModifyListener", ListenerArn=listener, DefaultActions=actions)
    assert ["unused Target.NotInUse"] == list(aws.rows().values())


def test_an_instance_refresh_is_refused_as_aws_does_where_one_is_under_way():
    """Otherwise loudly, since the model runs none."""
    aws = wire()
    named = {"AutoScalingGroupName": BLUE}
    alone = aws.refusal("autoscaling", "StartInstanceRefresh", **named)[0]
    aws.sim.groups[BLUE].refreshes.append(REFRESH)
    assert ("NotImplemented", "InstanceRefreshInProgress") == (
        alone,
        aws.refusal("autoscaling", "StartInstanceRefresh", **named)[0],
    )
