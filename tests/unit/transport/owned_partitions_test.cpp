// The consumer's own account of what it reads, which librdkafka cannot be asked for.
#include "kbeat/transport/kafka/owned_partitions.hpp"

#include <catch2/catch.hpp>

#include "kbeat/transport/kafka/kafka_errors.hpp"

using namespace kbeat;
using namespace kbeat::transport;

namespace {

TopicPartition part(int partition) {
  return {TopicName{"t"}, Partition{partition}};
}

}  // namespace

TEST_CASE("a flow changes once for partitions that are owned", "[transport][kafka]") {
  OwnedPartitions owned;
  const std::vector<Position> places{{part(0), Offset{5}}, {part(1), Offset{7}}};
  owned.place(places);
  const std::vector<TopicPartition> asked{part(0), part(9)};
  CHECK(owned.change_flow(asked, Flow::paused) == std::vector{part(0)});
  CHECK(owned.change_flow(asked, Flow::paused).empty());
  CHECK(owned.change_flow(asked, Flow::running) == std::vector{part(0)});
  CHECK(owned.positions() == places);
}

TEST_CASE("an end counts only for a partition that is owned and not past it", "[transport][kafka]") {
  OwnedPartitions owned;
  const Position place{part(0), Offset{5}};
  owned.place({&place, 1});
  CHECK_FALSE(owned.reach({part(1), Offset{9}}));
  CHECK_FALSE(owned.reach({part(0), Offset{4}}));
  CHECK(owned.reach({part(0), Offset{9}}));
  CHECK(owned.next(part(0)) == Offset{9});
  owned.clear();
  CHECK_FALSE(owned.owns(part(0)));
}

TEST_CASE("errors of librdkafka become kinds that say what to do", "[transport][kafka]") {
  const auto missing = to_error(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "reading t");
  CHECK(missing.code() == ErrorCode::not_found);
  CHECK_FALSE(missing.retryable());
  CHECK_THAT(missing.what(),
             Catch::StartsWith("reading t failed: ") && Catch::Contains("kbeat topics create"));
  CHECK(to_error(RD_KAFKA_RESP_ERR__TRANSPORT, "x").retryable());
  CHECK(to_error(RD_KAFKA_RESP_ERR__AUTHENTICATION, "x").code() == ErrorCode::authentication);
  CHECK(to_error(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "x").code() == ErrorCode::too_large);
  CHECK(is_fencing(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION));
  CHECK(is_fencing(RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID));
  CHECK_FALSE(is_fencing(RD_KAFKA_RESP_ERR__TRANSPORT));
}
