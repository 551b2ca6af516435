"""Apache Kafka as jars: fetched once by Maven into a cache, run by the machine's own Java."""

import pathlib
import subprocess

import maven_cache

KAFKA_VERSION = "4.1.0"
_POM = pathlib.Path(__file__).with_name("kafka-jars.xml")

TOOLS = {
    "kafka-acls": "org.apache.kafka.tools.AclCommand",
    "kafka-configs": "kafka.admin.ConfigCommand",
    "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
    "kafka-console-producer": "org.apache.kafka.tools.ConsoleProducer",
    "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
    "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
    "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
    "kafka-producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
    "kafka-storage": "kafka.tools.StorageTool",
    "kafka-topics": "org.apache.kafka.tools.TopicCommand",
}


def directory():
    """Returns the folder of the jars; the first call on a machine downloads them (54 MB)."""
    return maven_cache.fetched(f"kafka-{KAFKA_VERSION}", "Kafka's jars", "-f", str(_POM), "dependency:copy-dependencies")


def java(main_class, *args, jvm=(), log_level="error"):
    """Returns the command line that runs a class of the jars, its log on stderr at log_level and above."""
    return [
        "java", *jvm, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        f"-Dorg.slf4j.simpleLogger.defaultLogLevel={log_level}",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
        "-cp", f"{directory()}/*", main_class, *args,
    ]


def run_tool(name, *args, timeout=60, stdin=None):
    """Runs one of Kafka's own tools to its end; returns its stdout, raises when it fails."""
    result = subprocess.run(
        java(TOOLS[name], *args, jvm=("-Xmx256m",)), input=stdin, capture_output=True, text=True,
        timeout=timeout, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{name} {' '.join(args)} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout
