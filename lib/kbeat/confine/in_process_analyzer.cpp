// Analysis without a child, for audio that is trusted.
#include <utility>

#include "kbeat/base/plugin.hpp"
#include "kbeat/confine/analyzer.hpp"

namespace kbeat::confine {
namespace {

class InProcessAnalyzer final : public Analyzer {
 public:
  explicit InProcessAnalyzer(const audio::AnalysisRequest& request)
      : m_request(request),
        m_analyze(plugin_function<audio::AnalyzeDescriptor>("audio", audio::k_analyze_descriptor)) {}

  Analyzed analyze(int descriptor, SteadyTime deadline, std::stop_token stop) override {
    if (stop.stop_requested())
      return Error(ErrorCode::interrupted, "asked to stop analyzing", Retryable::yes);
    if (SystemClock().steady() >= deadline)
      return Error(ErrorCode::timed_out, "no time is left", Retryable::yes);
    try {
      std::string json;
      m_analyze(descriptor, m_request, json);
      return json;
    } catch (const Error& error) {
      return error;
    }
  }

 private:
  audio::AnalysisRequest m_request;
  audio::AnalyzeDescriptor* m_analyze;
};

}  // namespace

std::unique_ptr<Analyzer> open_in_process_analyzer(const audio::AnalysisRequest& request) {
  return std::make_unique<InProcessAnalyzer>(request);
}

}  // namespace kbeat::confine
