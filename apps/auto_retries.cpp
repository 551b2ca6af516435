// Retries of dead letters that go on by themselves beside consumers.
#include "auto_retries.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "kbeat/pipeline/letters.hpp"

namespace kbeat::app {

std::vector<std::unique_ptr<dlq::AutoRetry>> start_auto_retries(transport::Transport& transport,
                                                                const pipeline::ConsumeOptions& options,
                                                                const Context& context) {
  const auto open_store = [data_dir = options.data_dir] {
    return store::open_store(data_dir, store::OpenMode::read_write);
  };
  std::set<std::string> topics;
  for (const std::string& topic : options.topics)
    topics.insert(pipeline::dlq_topic_for(topic, options.letters.topic).get());
  std::vector<std::unique_ptr<dlq::AutoRetry>> started;
  for (const std::string& topic : topics) {
    dlq::AutoRetryOptions retry{.dlq = TopicName{topic}};
    retry.backoff = options.runner.retry.backoff;
    retry.max_replays = std::max(options.runner.retry.max_retries, 1);
    retry.timeout = options.timeout;
    started.push_back(
        std::make_unique<dlq::AutoRetry>(transport, open_store, std::move(retry), context.clock));
  }
  return started;
}

}  // namespace kbeat::app
