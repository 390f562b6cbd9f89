"""Ansible's own modules: a rolling replace of a live group, and what people ask about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bluegreen.sandbox import Sandbox

REPLACE = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - amazon.aws.autoscaling_group:
        name: web-blue
        launch_template: {launch_template_name: web, version: "2"}
        min_size: 2
        max_size: 4
        desired_capacity: 2
        replace_all_instances: true
        replace_batch_size: 1
        wait_timeout: 120
        metrics_collection: true
        state: present
      register: replaced
    - ansible.builtin.assert: {that: [replaced.changed, replaced.in_service_instances == 2]}
"""
ASK = """
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - amazon.aws.autoscaling_group_info: {name: web-blue}
      register: found
    - amazon.aws.ec2_instance_info:
        filters: {"tag:aws:autoscaling:groupName": web-blue, instance-state-name: [running]}
      register: machines
    - amazon.aws.elb_application_lb_info: {}
      register: balancers
    - ansible.builtin.assert:
        that:
          - found.results | map(attribute='auto_scaling_group_name') == ['web-blue']
          - machines.instances | length >= 2
          - balancers.load_balancers | length == 1
"""


def play(run: Any, folder: Path, text: str) -> str:
    """Run a playbook."""
    (folder / "play.yml").write_text(text)
    return str(run("ansible-playbook", "-i", "localhost,", "play.yml"))


def test_a_rolling_replace(run: Any, box: Sandbox, client: Any, tmp_path: Path) -> None:
    """Every instance is launched anew from the next version of the template; none is cut off while it serves."""
    data = {"ImageId": "ami-00000000000000002"}
    client("ec2").create_launch_template_version(LaunchTemplateName="web", LaunchTemplateData=data)
    play(run, tmp_path, REPLACE)
    group = box.simulator.groups["web-blue"]
    versions = [each.template["LaunchTemplate"]["Version"] for each in group.in_service()]
    assert (["2", "2"], [], 8) == (versions, box.simulator.terminated_while_serving, len(group.metrics))


def test_what_people_ask(run: Any, tmp_path: Path) -> None:
    """Groups, instances and balancers, each by the module that is made for it."""
    play(run, tmp_path, ASK)
