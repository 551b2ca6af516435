"""Three brokers that replicate: what one of them loses by its death the others have."""

import uuid

from kafka_broker import KafkaBroker
from kafka_client import KafkaClient

NODES = ("1", "2", "3")
_SETTINGS = {
    "offsets.topic.replication.factor": "3", "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2", "default.replication.factor": "3", "min.insync.replicas": "2",
    "unclean.leader.election.enable": "false", "replica.lag.time.max.ms": "3000",
}


class KafkaCluster(KafkaClient):
    """Brokers and controllers in one, with min.insync.replicas=2. It owns them and ends nothing else."""

    def __init__(self):
        cluster_id = uuid.uuid4().hex[:22]
        self.brokers = [KafkaBroker(cluster_id=cluster_id, settings={**_SETTINGS, "node.id": node}) for node in NODES]
        voters = ",".join(f"{node}@{broker.controller}" for node, broker in zip(NODES, self.brokers))
        for broker in self.brokers:
            broker.set("controller.quorum.voters", voters)
        super().__init__(",".join(broker.bootstrap for broker in self.brokers))

    def start(self):
        for broker in self.brokers:
            broker.format()
        for broker in self.brokers:
            broker.launch()
        for broker in self.brokers:
            broker.await_service()

    def stop(self):
        for broker in self.brokers:
            broker.kill9()  # nobody needs its data any more
        for broker in self.brokers:
            broker.stop()
