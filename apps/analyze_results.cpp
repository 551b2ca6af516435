// What becomes of each analysis: printed, saved, drawn or held against a truth; and the exit code of them
// all.
#include "analyze_results.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "exit_code.hpp"
#include "kbeat/handlers/body_reader.hpp"
#include "track_files.hpp"

namespace kbeat::app {
namespace {

double seconds_in(std::string_view metrics) {
  handlers::BodyReader reader(metrics);
  return reader.optional_number("duration").value_or(0);
}

BeatLists beat_lists(const AnalyzeFlags& flags) {
  if (flags.hide_beats) return BeatLists::hidden;
  return flags.show_beats ? BeatLists::shown : BeatLists::as_usual;
}

/// Where the audio can be fetched again; nothing for stdin.
std::string url_of(const AudioSource& source) {
  if (source.kind != AudioKind::file) return source.kind == AudioKind::url ? source.name : "";
  std::string url = "file://";
  for (const char c : std::filesystem::absolute(source.name).string()) {
    const bool plain = c > ' ' && c < 0x7F && c != '%' && c != '?' && c != '#';
    url += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

}  // namespace

AnalyzeResults::AnalyzeResults(const AnalyzeFlags& flags, Context& context, std::size_t sources,
                               Predictions* predictions)
    : m_flags(flags),
      m_context(context),
      m_printer(output_form(flags.output, context.io), beat_lists(flags), context.io.out()),
      m_saver(context.settings().transport.data_dir, context.clock),
      m_progress(context.io, context.clock, sources, "files"),
      m_predictions(predictions),
      m_sources(sources) {}

void AnalyzeResults::take(const AudioSource& source, const confine::Analyzed& analyzed) {
  const Error* error = std::get_if<Error>(&analyzed);
  if (error != nullptr || m_context.io.out_is_terminal()) m_progress.hide();
  if (error != nullptr) return fail(source, *error);
  const std::string& analysis = std::get<std::string>(analyzed);
  keep(source, without_plot(analysis));
  if (!m_flags.plot.empty()) m_drawn = {shown_name(source), analysis};
}

void AnalyzeResults::keep(const AudioSource& source, const std::string& metrics) {
  ++m_done;
  m_progress.add_seconds(seconds_in(metrics));
  if (m_predictions != nullptr) {
    m_predictions->add(source, metrics);
  } else {
    m_printer.add(source.name, metrics);
  }
  if (m_flags.save) {
    m_saver.save(m_flags.beat_id.empty() ? source.name : m_flags.beat_id, url_of(source), metrics);
  }
}

void AnalyzeResults::fail(const AudioSource& source, const Error& error) {
  m_context.io.say(fmt::format("kbeat: {}: {}", shown_name(source), error.what()));
  const int code = exit_code(error.code(), 0);
  m_code = m_failed == 0 || m_code == code ? code : k_exit_failed;
  ++m_failed;
}

void AnalyzeResults::draw() const {
  write_picture(m_flags.plot, m_drawn.name, m_drawn.analysis);
}

void AnalyzeResults::show(std::size_t finished) {
  const bool wanted = m_sources > 1 && m_context.settings().log.verbosity >= 0;
  if (wanted && m_context.io.err_is_terminal()) m_progress.show(finished);
}

int AnalyzeResults::finish() {
  m_progress.hide();
  m_printer.finish();
  if (m_context.stop().stop_requested() && m_done + m_failed < m_sources) {
    throw Error(ErrorCode::interrupted,
                fmt::format("stopped by a signal after {} of {} files", m_done + m_failed, m_sources));
  }
  if (m_failed == 0) return k_exit_done;
  if (m_sources > 1) {
    m_context.notice(fmt::format("kbeat: {} of {} files could not be measured", m_failed, m_sources));
  }
  return m_done > 0 ? k_exit_partly_done : m_code;
}

}  // namespace kbeat::app
