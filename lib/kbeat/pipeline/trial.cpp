// A run of a handler that nothing follows from.
#include "kbeat/pipeline/trial.hpp"

#include <utility>

#include "kbeat/pipeline/partition_state.hpp"

namespace kbeat::pipeline {

void rehearse(const EventRunner& runner, const RecordView& record, std::stop_token stop) {
  Work work;
  work.record = record;
  work.partition = std::make_shared<PartitionState>(store::StoredPosition{
      .partition = {TopicName(std::string(record.topic)), record.partition}, .next = record.offset});
  runner.run(work, std::move(stop));
}

}  // namespace kbeat::pipeline
