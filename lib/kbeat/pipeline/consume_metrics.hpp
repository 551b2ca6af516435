// A consume loop's counts as metrics.
#pragma once

#include "kbeat/metrics/families.hpp"
#include "kbeat/pipeline/consume_view.hpp"

namespace kbeat::pipeline {

/// Everything outlives it. What is sent and read is counted by a metered transport.
class ConsumeMetrics final : public ConsumeWatch {
 public:
  explicit ConsumeMetrics(metrics::Families& families) : m_families(families) {}
  void shown(const ConsumeView& view) override;

 private:
  metrics::Families& m_families;
};

}  // namespace kbeat::pipeline
