"""What tests ask of a Kafka broker, whoever started it: topics and Kafka's own tools."""

import kafka_jars


class KafkaClient:
    """A broker reached at `bootstrap`; holds no connection."""

    def __init__(self, bootstrap):
        self.bootstrap = bootstrap

    def create_topic(self, topic, partitions=1, **config):
        """Makes a topic; `config` are its properties with _ for . (retention_ms=1000)."""
        settings = [f"--config={key.replace('_', '.')}={value}" for key, value in config.items()]
        self.tool("kafka-topics", "--create", "--topic", topic, "--partitions", str(partitions),
                  "--replication-factor", "1", *settings)

    def tool(self, name, *args, **options):
        """Runs one of Kafka's own tools (a key of kafka_jars.TOOLS) against this broker; returns its stdout."""
        return kafka_jars.run_tool(name, "--bootstrap-server", self.bootstrap, *args, **options)
