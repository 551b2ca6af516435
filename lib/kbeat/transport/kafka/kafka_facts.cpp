// One line for each version that matters.
#include "kbeat/transport/kafka/kafka_facts.hpp"

#include <librdkafka/rdkafka.h>

namespace kbeat::transport {

LibraryFacts kafka_facts() {
  const int version = rd_kafka_version();
  LibraryFacts facts{.name = "librdkafka", .version = rd_kafka_version_str(), .workarounds = {}};
  const auto below = [&](int mended, const char* workaround) {
    if (version < mended) facts.workarounds.emplace_back(workaround);
  };
  below(k_rdkafka_2_2_0, "short waits before fetching again by fetch.error.backoff.ms");
  below(k_rdkafka_2_3_0, "one request in flight, against fatal producers after a broker's crash");
  below(k_rdkafka_2_6_1, "SCRAM refusals are explained by its nonce");
  below(k_rdkafka_2_10_1, "range assignment instead of cooperative-sticky");
  return facts;
}

}  // namespace kbeat::transport
