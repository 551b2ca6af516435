// Feeds lines of input to a sink: bad lines, missing topics, pauses, rate and the signal that ends it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "command.hpp"
#include "delivery_report.hpp"
#include "event_catalog.hpp"
#include "feed_progress.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/pipeline/letters.hpp"
#include "kbeat/pipeline/topics.hpp"
#include "kbeat/sending/record_sink.hpp"
#include "line_source.hpp"
#include "record_input.hpp"

namespace kbeat::app {

enum class OnBadLine { stop, skip, dead_letter };

/// What a value has to be.
enum class Validity { any, utf8, json, event, schema };

struct FeedOptions {
  OnBadLine on_bad_line = OnBadLine::stop;
  Validity validity = Validity::any;
  std::shared_ptr<const schema::Catalog> catalog{};  ///< of Validity::schema
  pipeline::LetterOptions letters{};                 ///< for bad lines
  /// What a value becomes before it is sent, and for which topic; null: it stays.
  std::function<std::string(std::string_view value, std::string_view topic)> encode{};
  bool tee = false;       ///< copies each line to stdout once it is handed over
  std::string delimiter;  ///< written after each line of the copy
  double per_second = 0;  ///< 0: as fast as it goes
  /// A topic that cannot be asked about now is taken to be there.
  bool topics_may_wait = false;
};

/// For one thread; all that it is given outlives it.
class ProduceFeed {
 public:
  struct Parts {
    transport::Transport& transport;
    sending::RecordSink& sink;
    DeliveryReport& report;
  };

  ProduceFeed(Context& context, const Parts& parts, const FeedOptions& options);
  ~ProduceFeed();

  /// Sends every line until the end, a bad line (when those stop), or a signal. An input that cannot be read
  /// on and a topic that is not there stop it as well, so that what came before is still delivered.
  void send_lines(LineSource& source, RecordInput& input);
  /// Sends one record; `number` names it in messages.
  void send_one(std::string_view line, RecordInput& input, std::uint64_t number);

  /// Where the lines come from, for the bar.
  void follow(int descriptor) { m_progress.follow(descriptor); }

  /// Sends nothing more, for this reason.
  void stop_at(const Error& problem) { m_problem = problem; }

  /// What stopped it.
  [[nodiscard]] const std::optional<Error>& problem() const { return m_problem; }
  [[nodiscard]] std::uint64_t lines() const { return m_lines; }

 private:
  [[nodiscard]] const RecordView* parse(std::string_view line, RecordInput& input, std::uint64_t number);
  void check_value(const RecordView& record) const;
  [[nodiscard]] const RecordView& encoded(const RecordView& record);
  void pass_over(std::string_view line, const RecordInput& input, std::uint64_t number, const Error& error);
  void check_topic(std::string_view topic);
  [[nodiscard]] bool has_letter_topic(const TopicName& topic, std::uint64_t number);
  [[nodiscard]] Pulled pull(LineSource& source, std::string_view& line);
  [[nodiscard]] bool has_topic(std::string_view topic, std::uint64_t number);
  void refuse(std::uint64_t number, const Error& error);
  void stop_at_line(std::uint64_t number, const Error& error);
  void pause(LineSource& source);
  void keep_rate();

  Context& m_context;
  Parts m_parts;
  FeedOptions m_options;
  std::set<std::string, std::less<>> m_topics;  ///< known to exist
  std::string m_last_topic;
  RecordView m_encoded;
  std::string m_value;  ///< of m_encoded
  std::optional<Error> m_problem;
  std::uint64_t m_lines = 0;
  std::uint64_t m_sent = 0;
  SteadyTime m_begun;
  std::string m_run;  ///< in the identities of dead letters
  FeedProgress m_progress;
};

}  // namespace kbeat::app
