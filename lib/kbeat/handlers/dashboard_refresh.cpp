// DASHBOARD_REFRESH carries nothing that matters.
#include "kbeat/handlers/dashboard_refresh.hpp"

namespace kbeat::handlers {
namespace {

class DashboardRefresh final : public Handler {
 public:
  std::string_view name() const override { return "dashboard-refresh"; }

  Outcome handle(const RecordView&, const Event&, const HandlerContext&) override {
    return done_with(RefreshDashboard{});
  }
};

}  // namespace

std::unique_ptr<Handler> make_dashboard_refresh() {
  return std::make_unique<DashboardRefresh>();
}

}  // namespace kbeat::handlers
