// Fetch, analyze, and the meaning of what went wrong on the way.
#include "kbeat/handlers/beat_measurer.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "kbeat/base/error.hpp"
#include "kbeat/net/redact_url.hpp"

namespace kbeat::handlers {
namespace {

/// A failure that a later try may mend, or one that no try will.
Outcome failed(FailureCategory category, const Error& error,
               std::optional<Milliseconds> after = std::nullopt) {
  if (error.retryable()) return Retry{category, error.what(), after};
  return Reject{category, error.what()};
}

Outcome outcome_of(const net::FetchFailure& failure) {
  switch (failure.error.code()) {
    case ErrorCode::timed_out:
    case ErrorCode::interrupted: return failed(FailureCategory::timeout, failure.error);
    case ErrorCode::unreachable:
    case ErrorCode::no_space:
    case ErrorCode::io: return failed(FailureCategory::dependency, failure.error, failure.retry_after);
    default: return failed(FailureCategory::processing, failure.error);
  }
}

/// The analysis knows only bytes; whose they were is said here.
Outcome outcome_of(const Error& error, const Beat& beat) {
  const Error named(error.code(), fmt::format("{}: {}", net::redact_url(beat.audio_url), error.what()),
                    error.retryable() ? Retryable::yes : Retryable::no);
  switch (error.code()) {
    case ErrorCode::timed_out:
    case ErrorCode::interrupted: return failed(FailureCategory::timeout, named);
    case ErrorCode::crashed: return Retry{FailureCategory::crash, named.what(), std::nullopt};
    default: return failed(FailureCategory::processing, named);
  }
}

Outcome done(const Beat& beat, std::string_view analysis, std::string_view identity) {
  BodyReader metrics(analysis);
  UpsertBeatMetrics row = to_row(beat, metrics);
  if (metrics.rejection()) return Reject{FailureCategory::processing, metrics.rejection()->reason};
  Done done;
  done.result = summary(beat, metrics);
  done.effects.emplace_back(std::move(row));
  done.effects.emplace_back(metric_calculated(beat, metrics, identity));
  return done;
}

}  // namespace

void RecentUrls::note(const std::string& beat_id, const std::string& audio_url) {
  constexpr std::size_t k_generation = 20'000;
  const std::scoped_lock lock(m_mutex);
  if (m_newer.size() >= k_generation) m_older = std::exchange(m_newer, {});
  m_newer[beat_id] = audio_url;
}

std::optional<std::string> RecentUrls::find(const std::string& beat_id) const {
  const std::scoped_lock lock(m_mutex);
  for (const Urls* urls : {&m_newer, &m_older}) {
    if (const auto found = urls->find(beat_id); found != urls->end()) return found->second;
  }
  return std::nullopt;
}

Outcome BeatMeasurer::measure(const Beat& beat, const HandlerContext& context) {
  const net::Fetched fetched = m_downloader.fetch(beat.audio_url, context.deadline, context.stop);
  if (const auto* failure = std::get_if<net::FetchFailure>(&fetched)) return outcome_of(*failure);
  const int audio = std::get<net::FetchedFile>(fetched).descriptor();
  const confine::Analyzed analyzed = m_analyzer.analyze(audio, context.deadline, context.stop);
  if (const auto* error = std::get_if<Error>(&analyzed)) return outcome_of(*error, beat);
  m_recent.note(beat.id, beat.audio_url);
  return done(beat, std::get<std::string>(analyzed), context.identity);
}

}  // namespace kbeat::handlers
