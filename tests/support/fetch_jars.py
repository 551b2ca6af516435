"""Fetches what the tests run on Java, so that no test waits for a download: Kafka and Apicurio."""

import apicurio
import kafka_jars

if __name__ == "__main__":
    kafka_jars.directory()
    apicurio.folder()
