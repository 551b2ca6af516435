"""A partition that stops coming although its log goes on."""

import json
import subprocess

from place import wait_until

LOST_RESUME = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
int rd_kafka_resume_partitions(void* client, void* partitions) {
  static int calls;
  if (calls++ == 0) return 0;
  int (*resume)(void*, void*) = (int (*)(void*, void*))dlsym(RTLD_NEXT, "rd_kafka_resume_partitions");
  return resume(client, partitions);
}
"""


def send(place, topic, first, last):
    place.produce(topic, [f"k{i % 7}\t" + json.dumps({"event_id": f"e{i}", "event_type": "T"}) for i in range(first, last)],
                  key_delimiter="\t")


def test_a_partition_that_the_client_library_forgot_to_resume_is_woken(kafka):
    """The library's accounts of paused partitions have gone wrong before: what was resumed stays paused for good."""
    topic = kafka.topic("silent", 1)
    send(kafka, topic, 0, 200)
    source, shim = kafka.home / "resume.c", kafka.home / "resume.so"
    source.write_text(LOST_RESUME)
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, source], check=True)
    consumer = kafka.start("consume", topic, "-G", kafka.group, "--exec", "true", "--max-ahead", "5", "--batch-size", "5",
                           env={"LD_PRELOAD": str(shim)})
    wait_until("what one fetch brought", lambda: kafka.positions(topic) == {0: 200}, alive=consumer)
    send(kafka, topic, 200, 250)
    wait_until("all events", lambda: kafka.positions(topic) == {0: 250}, alive=consumer)
    assert "nothing came for 30 s though the log goes on to 250" in kafka.log()
    consumer.terminate()
    assert consumer.wait(timeout=40) == 0
