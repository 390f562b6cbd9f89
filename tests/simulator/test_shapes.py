"""Every operation takes and gives AWS's shapes, as botocore's service models have them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bluegreen.simulator import AwsError
from bluegreen.simulator.core.operations import OPERATIONS

from .wire import BLUE, GREEN, Wire, faults_of, model, wire


def test_operations_and_parameters_are_awss():
    """The table names only operations and parameters that botocore's models have."""
    strange = []
    for (service, name), operation in OPERATIONS.known.items():
        shape = model(service).operation_model(name).input_shape
        strange += [f"{service}.{name}.{key}" for key in operation.parameters - set(shape.members if shape else ())]
    assert [] == strange


def test_a_wrong_shape_is_found():
    """The check of shapes can fail: on what is unknown, missing, of another type, or a naive time."""
    shape = model("autoscaling").operation_model("DescribeScalingActivities").output_shape
    activity = {"ActivityId": 1, "Cause": "", "StartTime": datetime(2026, 1, 1), "StatusCode": "Failed", "Color": ""}
    found = faults_of(shape, {"Activities": [activity]})
    assert 4 == len(found)


def _touch_groups(aws: Wire) -> None:
    tag = {"ResourceId": "other", "ResourceType": "auto-scaling-group", "Key": "k", "Value": "v"}
    aws.call("autoscaling", "CreateLaunchConfiguration", LaunchConfigurationName="lc", ImageId="ami-1")
    aws.call("autoscaling", "DescribeLaunchConfigurations")
    aws.asg(
        "CreateAutoScalingGroup",
        "other",
        MinSize=0,
        MaxSize=9,
        LaunchConfigurationName="lc",
        VPCZoneIdentifier="subnet-1,subnet-2",
    )
    aws.asg("CreateOrUpdateTags", None, Tags=[tag])
    aws.asg("DescribeTags", None, Filters=[{"Name": "auto-scaling-group", "Values": ["other"]}])
    aws.asg("DeleteTags", None, Tags=[tag])
    aws.asg("PutWarmPool", "other", MinSize=1)
    aws.asg("DescribeWarmPool", "other")
    aws.asg("DescribeAutoScalingGroups", None)
    aws.asg("DeleteWarmPool", "other")
    aws.asg("DescribeInstanceRefreshes", "other")
    aws.asg("DeleteAutoScalingGroup", "other", ForceDelete=True)
    aws.asg("DescribeAccountLimits", None)
    aws.call("sts", "GetCallerIdentity")


def _touch_members(aws: Wire) -> None:
    first, second, third, *_ = aws.ids()
    aws.asg("UpdateAutoScalingGroup", MinSize=0, DefaultCooldown=1)
    aws.asg("SetInstanceProtection", InstanceIds=[first], ProtectedFromScaleIn=True)
    aws.asg("SetInstanceHealth", None, InstanceId=second, HealthStatus="Healthy")
    aws.enter(first)
    aws.wait(10)
    aws.leave(first)
    aws.asg("DetachInstances", InstanceIds=[second], ShouldDecrementDesiredCapacity=True)
    aws.wait(10)
    aws.asg("AttachInstances", InstanceIds=[second])
    one = {"ShouldDecrementDesiredCapacity": True}
    assert "Activity" in aws.asg("TerminateInstanceInAutoScalingGroup", None, InstanceId=third, **one)
    aws.wait(10)
    several = aws.asg("TerminateInstanceInAutoScalingGroup", BLUE, InstanceIds=[second], **one)
    assert 1 == len(several["Activities"])
    aws.asg("SetDesiredCapacity", DesiredCapacity=1, HonorCooldown=False)
    aws.asg("DescribeAutoScalingInstances", None)
    aws.asg("DescribeScalingActivities", MaxRecords=2)
    aws.asg("SuspendProcesses", ScalingProcesses=["AZRebalance"])
    aws.asg("DescribeAutoScalingGroups", None)
    aws.asg("ResumeProcesses")


def _touch_scaling(aws: Wire) -> None:
    aws.asg("PutScalingPolicy", PolicyName="p", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1)
    target = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 50.0,
    }
    tracking = {"PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": target}
    aws.asg("PutScalingPolicy", PolicyName="t", **tracking)
    aws.asg("DescribePolicies")
    aws.asg("DeletePolicy", PolicyName="p")
    action = {"ScheduledActionName": "a", "Recurrence": "0 8 * * mon-fri", "TimeZone": "Asia/Seoul", "MinSize": 1}
    aws.asg("PutScheduledUpdateGroupAction", **action)
    once = {"ScheduledActionName": "b", "StartTime": datetime(2030, 1, 1, tzinfo=UTC), "DesiredCapacity": 2}
    aws.asg("BatchPutScheduledUpdateGroupAction", ScheduledUpdateGroupActions=[once])
    aws.asg("DescribeScheduledActions")
    aws.asg("BatchDeleteScheduledAction", ScheduledActionNames=["b", "c"])
    aws.asg("DeleteScheduledAction", ScheduledActionName="a")
    hook = {"LifecycleHookName": "h", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    aws.asg("PutLifecycleHook", GREEN, **hook)
    aws.asg("DescribeLifecycleHooks", GREEN)
    aws.asg("UpdateAutoScalingGroup", GREEN, MinSize=1, MaxSize=1)
    aws.wait(3)
    (instance,) = aws.ids(GREEN)
    done = {"LifecycleHookName": "h", "InstanceId": instance, "LifecycleActionResult": "CONTINUE"}
    aws.asg("CompleteLifecycleAction", GREEN, **done)
    aws.asg("DeleteLifecycleHook", GREEN, LifecycleHookName="h")


def _touch_metrics_and_refreshes(aws: Wire) -> None:
    found = aws.asg("DescribeMetricCollectionTypes", None)["Metrics"]
    aws.asg("EnableMetricsCollection", Metrics=[found[0]["Metric"]], Granularity="1Minute")
    aws.group()
    aws.asg("DisableMetricsCollection")
    aws.refusal("autoscaling", "StartInstanceRefresh", AutoScalingGroupName=BLUE)


def _touch_attachments(aws: Wire) -> None:
    arn = next(key for key in aws.sim.groups[BLUE].balancers if key.startswith("arn:"))
    aws.asg("DescribeLoadBalancers")
    aws.asg("DescribeLoadBalancerTargetGroups")
    aws.asg("DetachLoadBalancers", LoadBalancerNames=["web-0"])
    aws.asg("AttachLoadBalancers", LoadBalancerNames=["web-0"])
    aws.asg("DetachLoadBalancerTargetGroups", TargetGroupARNs=[arn])
    aws.asg("AttachLoadBalancerTargetGroups", TargetGroupARNs=[arn])
    aws.asg("DetachTrafficSources", TrafficSources=[{"Identifier": arn, "Type": "elbv2"}])
    aws.asg("AttachTrafficSources", TrafficSources=[{"Identifier": arn, "Type": "elbv2"}])
    aws.asg("DescribeTrafficSources")


def _touch_classic(aws: Wire) -> None:
    name, instances = {"LoadBalancerName": "extra"}, [{"InstanceId": aws.ids()[0]}]
    listener = {"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80}
    aws.call("elb", "CreateLoadBalancer", **name, Listeners=[listener], AvailabilityZones=["us-east-1a"])
    check = {"Target": "TCP:80", "Interval": 5, "Timeout": 2, "UnhealthyThreshold": 2, "HealthyThreshold": 2}
    aws.call("elb", "ConfigureHealthCheck", **name, HealthCheck=check)
    aws.call("elb", "RegisterInstancesWithLoadBalancer", **name, Instances=instances)
    aws.call("elb", "DescribeLoadBalancers", LoadBalancerNames=["extra"])
    draining = {"ConnectionDraining": {"Enabled": True, "Timeout": 9}}
    aws.call("elb", "ModifyLoadBalancerAttributes", **name, LoadBalancerAttributes=draining)
    aws.call("elb", "DescribeLoadBalancerAttributes", **name)
    aws.call("elb", "DescribeInstanceHealth", **name, Instances=[{"InstanceId": each} for each in aws.ids()])
    aws.call("elb", "DeregisterInstancesFromLoadBalancer", **name, Instances=instances)
    aws.call("elb", "DescribeInstanceHealth", **name)
    names = {"LoadBalancerNames": ["extra"]}
    aws.call("elb", "AddTags", **names, Tags=[{"Key": "k", "Value": "v"}])
    aws.call("elb", "DescribeTags", **names)
    aws.call("elb", "RemoveTags", **names, Tags=[{"Key": "k"}])
    aws.call("elb", "DeleteLoadBalancer", **name)


def _touch_target_groups(aws: Wire) -> None:
    created = aws.call("elbv2", "CreateTargetGroup", Name="extra", Protocol="HTTP", Port=80, VpcId="vpc-1")
    arn = {"TargetGroupArn": created["TargetGroups"][0]["TargetGroupArn"]}
    owner = aws.call("elbv2", "CreateLoadBalancer", Name="extra", Subnets=["subnet-1"])["LoadBalancers"][0]
    forward = [{"Type": "forward", **arn}]
    of_owner = {"LoadBalancerArn": owner["LoadBalancerArn"]}
    listener = aws.call("elbv2", "CreateListener", **of_owner, Port=80, Protocol="HTTP", DefaultActions=forward)
    aws.call("elbv2", "DescribeLoadBalancers", Names=["extra"])
    aws.call("elbv2", "DescribeListeners", **of_owner)
    aws.call("elbv2", "DescribeRules", ListenerArn=listener["Listeners"][0]["ListenerArn"])
    aws.call("elbv2", "DescribeTargetGroups", **of_owner)
    aws.call("elbv2", "ModifyTargetGroup", **arn, HealthCheckIntervalSeconds=5)
    attribute = {"Key": "deregistration_delay.timeout_seconds", "Value": "0"}
    aws.call("elbv2", "ModifyTargetGroupAttributes", **arn, Attributes=[attribute])
    aws.call("elbv2", "DescribeTargetGroupAttributes", **arn)
    first, second, *_ = aws.ids()
    aws.call("elbv2", "RegisterTargets", **arn, Targets=[{"Id": first}, {"Id": first, "Port": 81}])
    aws.call("elbv2", "DescribeTargetHealth", **arn, Targets=[{"Id": first}, {"Id": second}])
    aws.call("elbv2", "DeregisterTargets", **arn, Targets=[{"Id": first}])
    aws.wait(1)
    tagged = {"ResourceArns": [arn["TargetGroupArn"]]}
    aws.call("elbv2", "AddTags", **tagged, Tags=[{"Key": "k", "Value": "v"}])
    aws.call("elbv2", "DescribeTags", **tagged)
    aws.call("elbv2", "RemoveTags", **tagged, TagKeys=["k"])
    attributes = aws.call("elbv2", "DescribeLoadBalancerAttributes", **of_owner)["Attributes"]
    aws.call("elbv2", "ModifyLoadBalancerAttributes", **of_owner, Attributes=attributes[:1])
    named = {"ListenerArn": listener["Listeners"][0]["ListenerArn"]}
    aws.call("elbv2", "ModifyListener", **named, Port=81)
    aws.call("elbv2", "DeleteListener", **named)
    aws.call("elbv2", "DeleteLoadBalancer", **of_owner)
    aws.call("elbv2", "DeleteTargetGroup", **arn)


def _touch_machines(aws: Wire) -> None:
    first = aws.ids()[0]
    aws.call("ec2", "DescribeInstances", InstanceIds=[first])
    aws.call("ec2", "DescribeInstanceStatus", IncludeAllInstances=True)
    aws.call("ec2", "GetConsoleOutput", InstanceId=first, Latest=True)
    aws.call("ec2", "CreateTags", Resources=[first], Tags=[{"Key": "k", "Value": "v"}])
    aws.call("ec2", "DescribeTags", Filters=[{"Name": "resource-id", "Values": [first]}])
    aws.call("ec2", "DeleteTags", Resources=[first], Tags=[{"Key": "k"}])
    aws.call("ec2", "ModifyInstanceAttribute", InstanceId=first, DisableApiTermination={"Value": False})
    aws.call("ec2", "DescribeInstanceAttribute", InstanceId=first, Attribute="disableApiTermination")
    aws.call("ec2", "DescribeLaunchTemplates", LaunchTemplateNames=["web"])
    named, data = {"LaunchTemplateName": "new"}, {"LaunchTemplateData": {"ImageId": "ami-2"}}
    aws.call("ec2", "CreateLaunchTemplate", **named, **data)
    aws.call("ec2", "CreateLaunchTemplateVersion", **named, **data, SourceVersion="1")
    aws.call("ec2", "ModifyLaunchTemplate", **named, DefaultVersion="2")
    aws.call("ec2", "DescribeLaunchTemplateVersions", **named, Versions=["$Default", "1"])
    aws.call("ec2", "DeleteLaunchTemplate", **named)
    aws.call("ec2", "StopInstances", InstanceIds=[first])
    aws.call("ec2", "TerminateInstances", InstanceIds=[first])
    aws.wait(3)
    aws.call("ec2", "DescribeInstances", InstanceIds=[first])


def _touch_alarms(aws: Wire) -> None:
    metric = {"MetricName": "CPUUtilization", "Namespace": "AWS/EC2", "Statistic": "Average", "Period": 60}
    rule = {"EvaluationPeriods": 1, "Threshold": 80.0, "ComparisonOperator": "GreaterThanThreshold"}
    aws.call("cloudwatch", "PutMetricAlarm", AlarmName="a", **metric, **rule)
    aws.call("cloudwatch", "SetAlarmState", AlarmName="a", StateValue="ALARM", StateReason="test")
    aws.call("cloudwatch", "DescribeAlarms", AlarmNames=["a"])
    aws.call("cloudwatch", "PutCompositeAlarm", AlarmName="c", AlarmRule="ALARM(a)")
    every = aws.call("cloudwatch", "DescribeAlarms", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    aws.call("cloudwatch", "DescribeAlarms", ParentsOfAlarmName="a")
    aws.call("cloudwatch", "DescribeAlarms", ChildrenOfAlarmName="c")
    arn = {"ResourceARN": every["CompositeAlarms"][0]["AlarmArn"]}
    aws.call("cloudwatch", "TagResource", **arn, Tags=[{"Key": "k", "Value": "v"}])
    aws.call("cloudwatch", "ListTagsForResource", **arn)
    aws.call("cloudwatch", "UntagResource", **arn, TagKeys=["k"])
    aws.call("cloudwatch", "DeleteAlarms", AlarmNames=["c"])
    aws.call("cloudwatch", "DeleteAlarms", AlarmNames=["a"])
    stat = {"Metric": {"MetricName": "m", "Namespace": "n"}, "Period": 60, "Stat": "Sum"}
    day = {"StartTime": datetime(2026, 1, 1, tzinfo=UTC), "EndTime": datetime(2026, 1, 2, tzinfo=UTC)}
    aws.call("cloudwatch", "GetMetricData", MetricDataQueries=[{"Id": "m", "MetricStat": stat}], **day)


def _touch_notifications(aws: Wire) -> None:
    topic = {"TopicARN": "arn:aws:sns:us-east-1:123456789012:ops"}
    types = aws.asg("DescribeAutoScalingNotificationTypes", None)["AutoScalingNotificationTypes"]
    aws.asg("PutNotificationConfiguration", **topic, NotificationTypes=types)
    aws.asg("DescribeNotificationConfigurations", None)
    aws.asg("DeleteNotificationConfiguration", **topic)


TOUCHES = (
    _touch_groups,
    _touch_metrics_and_refreshes,
    _touch_attachments,
    _touch_scaling,
    _touch_classic,
    _touch_target_groups,
    _touch_members,
    _touch_machines,
    _touch_alarms,
    _touch_notifications,
)


def test_every_operation_answers_in_awss_shape():
    """Every operation of the table is called once, and its answer held against botocore's model."""
    called = set()
    for touch in TOUCHES:
        aws = wire(instances=5, balancers=["classic", "target-group"])
        before = aws.sim.faults
        before.before.append(lambda call: called.add((call.service, call.operation)))
        touch(aws)
    assert set(OPERATIONS) <= called


def test_an_unknown_parameter_is_refused():
    """What the model does not know of an operation fails loudly, by name."""
    aws = wire()
    with pytest.raises(AwsError, match=r"parameters SkipZonalShiftValidation of autoscaling\.UpdateAutoScalingGroup"):
        aws.asg("UpdateAutoScalingGroup", SkipZonalShiftValidation=True)
