"""`python -m campaigns topics`: all topics, for whoever deploys without `counterfoil`."""

import asyncio
import os
import subprocess
import sys

from contracts.topics import with_dead_letters
from servicekit.kafka import topics
from servicekit.kafka.connection import Kafka


def test_all_topics_are_created_as_they_are_declared(kafka_servers: Kafka) -> None:
    told = kafka_servers.environment() | {"KAFKA_TOPIC_REPLICAS": "1"}
    environment = os.environ | told
    command = [sys.executable, "-m", "campaigns", "topics"]

    for _ in range(2):  # again is harmless
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr

    changes = asyncio.run(topics.ensure(kafka_servers, with_dead_letters()))
    assert (changes.created, changes.altered) == ([], {})
