// What became of each input line: told on stderr, counted, and written down when asked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "command.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/sending/record_sink.hpp"

namespace kbeat::app {

/// Without --report the first failures are told as text and all are counted; with `json` each failure is a
/// JSON line on stderr, and a summary; any other word is a file that gets a JSON line for every record, and
/// the summary last. For one thread.
class DeliveryReport {
 public:
  using NameOf = std::function<std::string(std::uint64_t)>;

  /// `name_of` names an input by its number. Throws Error{io} when the file cannot be made.
  DeliveryReport(const std::string& asked, NameOf name_of, Context& context);
  ~DeliveryReport();

  void settled(const sending::Settled& settled);
  /// The input that ends the run, which is told as its error.
  void stopped_at(std::uint64_t number, const Error& error);
  /// A bad input that was passed over.
  void skipped(std::uint64_t number, const Error& error);
  /// A bad input whose dead letter is sent next, under its number.
  void dead_letter(std::uint64_t number, const Error& error);
  /// Closes the report. `kept` are records in the outbox that were not sent yet.
  void finish(std::int64_t kept);

  /// An input as messages name it.
  [[nodiscard]] std::string name(std::uint64_t number) const { return m_name_of(number); }
  [[nodiscard]] std::uint64_t delivered() const { return m_delivered; }
  /// Records that were sent in vain.
  [[nodiscard]] std::uint64_t failed() const { return m_failed; }

 private:
  enum class Form { text, json, file };

  void settle_letter(const sending::Settled& settled, const Error& error);
  void count_failure(const sending::Settled& settled);
  void note(std::uint64_t number, const char* outcome, const sending::Settled* settled, const Error* error);
  void tell(const std::string& line);

  Form m_form = Form::text;
  NameOf m_name_of;
  Context& m_context;
  std::string m_path;
  int m_file = -1;
  std::string m_lines;  ///< waiting for the file
  std::uint64_t m_delivered = 0;
  std::uint64_t m_failed = 0;
  std::uint64_t m_stopping = 0;  ///< 1 once an input ended the run
  std::uint64_t m_skipped = 0;
  std::uint64_t m_dead_letters = 0;
  std::uint64_t m_told = 0;
  std::map<std::uint64_t, Error> m_letters;  ///< on their way, with what is wrong with their lines
};

}  // namespace kbeat::app
