// What the committer does with finished work while its partition is between two owners.
#include "kbeat/pipeline/committer.hpp"

#include <catch2/catch.hpp>

#include "integration/pipeline/loop_bench.hpp"
#include "kbeat/store/store.hpp"

using namespace kbeat;
using namespace kbeat::test;

namespace {

const TopicPartition k_partition{TopicName{"events"}, Partition{0}};
constexpr const char* k_value = "{}";

/// A committer over a real store, and one partition that this process has claimed there.
struct Bench {
  LoopBench parts;
  store::Scope scope{"cluster", GroupId{"g"}};
  std::unique_ptr<store::Store> store = parts.open();
  pipeline::Committer committer{store->outcomes(), scope, parts.options, parts.results, parts.clock};
  std::shared_ptr<pipeline::PartitionState> state = claimed();
  pipeline::Partitions owned{{k_partition, state}};

  std::shared_ptr<pipeline::PartitionState> claimed() {
    const auto positions = store->positions().claim(scope, {&k_partition, 1}, "me", true);
    auto position = positions.at(0);
    position.next = Offset{0};
    return std::make_shared<pipeline::PartitionState>(position);
  }

  void finish(std::int64_t offset) {
    REQUIRE(state->arrived(Offset{offset}));
    auto work = std::make_unique<pipeline::Work>();
    work->record.topic = k_partition.topic.get();
    work->record.partition = k_partition.partition;
    work->record.offset = Offset{offset};
    work->record.value = k_value;
    work->partition = state;
    work->outcome = Done{};
    committer.add(std::move(work));
  }
};

}  // namespace

TEST_CASE("work that finishes after its partition was revoked waits and is committed when it comes back",
          "[pipeline][committer]") {
  Bench bench;
  bench.finish(0);
  bench.state->hold = pipeline::Hold::revoked;
  bench.committer.ownership_changed();
  bench.finish(1);
  CHECK(bench.committer.waiting() == 0);
  CHECK_FALSE(bench.committer.empty());
  CHECK(bench.committer.commit({}).empty());
  CHECK(bench.state->next() == Offset{0});

  bench.state->hold = pipeline::Hold::owned;
  bench.committer.ownership_changed();
  CHECK(bench.committer.waiting() == 2);
  CHECK(bench.committer.commit(bench.owned).empty());
  CHECK(bench.committer.empty());
  CHECK(bench.state->next() == Offset{2});
  CHECK(bench.committer.counts().skipped == 2);
}

TEST_CASE("work of a partition that went to another process is forgotten", "[pipeline][committer]") {
  Bench bench;
  bench.finish(0);
  bench.state->hold = pipeline::Hold::revoked;
  bench.committer.ownership_changed();
  bench.finish(1);
  bench.committer.drop(bench.state.get());
  CHECK(bench.committer.empty());
}
