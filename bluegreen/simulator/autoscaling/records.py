"""What the model only records: launch configurations and warm pools.

Source: botocore model.
"""

from __future__ import annotations

from ..core.calls import Request, Result
from ..core.errors import AwsError, invalid
from ..core.operations import operation
from ..core.paging import page, subset
from ..core.world import World, moment
from .lookup import group_of, living_group_of
from .state import AUTOSCALING


@operation(
    "autoscaling",
    "CreateLaunchConfiguration",
    "LaunchConfigurationName ImageId KeyName SecurityGroups UserData InstanceType IamInstanceProfile "
    "InstanceMonitoring EbsOptimized AssociatePublicIpAddress BlockDeviceMappings SpotPrice",
)
def create_launch_configuration(world: World, request: Request) -> Result:
    """Record a launch configuration."""
    name = request["LaunchConfigurationName"]
    if name in world[AUTOSCALING].launch_configurations:
        raise AwsError("AlreadyExists", f"Launch Configuration by this name already exists - {name}")
    arn = world.arn("autoscaling", f"launchConfiguration:{world.uuid()}:launchConfigurationName/{name}")
    usual = {"InstanceType": "t3.micro", "SecurityGroups": [], "BlockDeviceMappings": [], "KeyName": "", "UserData": ""}
    record = {**usual, **request, "LaunchConfigurationARN": arn, "CreatedTime": moment(world.time)}
    world[AUTOSCALING].launch_configurations[name] = record
    return {}


@operation("autoscaling", "DescribeLaunchConfigurations", "LaunchConfigurationNames NextToken MaxRecords")
def describe_launch_configurations(world: World, request: Request) -> Result:
    """Answer the launch configurations asked for; unknown names are left out."""
    found = subset(request.get("LaunchConfigurationNames"), world[AUTOSCALING].launch_configurations)
    chunk, following = page(found, request, most=100)
    return {"LaunchConfigurations": list(chunk), **following}


@operation(
    "autoscaling", "PutWarmPool", "AutoScalingGroupName MaxGroupPreparedCapacity MinSize PoolState InstanceReusePolicy"
)
def put_warm_pool(world: World, request: Request) -> Result:
    """Record a warm pool; the model never fills it."""
    group = living_group_of(world, request)
    configuration = {key: value for key, value in request.items() if key != "AutoScalingGroupName"}
    group.warm_pool = {"MinSize": 0, "PoolState": "Stopped", **configuration}
    return {}


@operation("autoscaling", "DescribeWarmPool", "AutoScalingGroupName MaxRecords NextToken")
def describe_warm_pool(world: World, request: Request) -> Result:
    """Answer the warm pool's configuration, if there is one; it has no instances."""
    group = group_of(world, request)
    configuration = {"WarmPoolConfiguration": group.warm_pool} if group.warm_pool is not None else {}
    return {**configuration, "Instances": []}


@operation("autoscaling", "DeleteWarmPool", "AutoScalingGroupName ForceDelete")
def delete_warm_pool(world: World, request: Request) -> Result:
    """Delete the warm pool's record."""
    group = living_group_of(world, request)
    if group.warm_pool is None:
        raise invalid(f"No warm pool found for AutoScalingGroup {group.name}")
    group.warm_pool = None
    return {}
