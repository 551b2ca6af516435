// Counts the orders of a topic with a handler of its own: at least once to the handler, exactly once in the
// store, dead letters for what cannot be read. count_orders DATA-DIR handles what there is and ends.
#include <atomic>
#include <cstdio>
#include <string_view>

#include "kbeat/base/error.hpp"
#include "kbeat/base/shutdown.hpp"
#include "kbeat/handlers/handler.hpp"
#include "kbeat/handlers/registry.hpp"
#include "kbeat/pipeline/consume_loop.hpp"
#include "kbeat/store/store.hpp"
#include "kbeat/transport/open.hpp"

namespace {

using namespace kbeat;

class CountOrder final : public handlers::Handler {
 public:
  std::string_view name() const override { return "count-order"; }
  Outcome handle(const RecordView&, const Event& event, const handlers::HandlerContext&) override {
    if (event.type != "ORDER") return Reject{FailureCategory::processing, "this is no order"};
    return Done{.effects = {AppendEvent{event.type, "", std::string(event.document)}},
                .result = "{\"order\":" + std::to_string(++m_orders) + "}"};
  }

 private:
  std::atomic<int> m_orders{0};
};

class OrdersOnly final : public handlers::Registry {
 public:
  handlers::TopicRouting routing(std::string_view) const override { return handlers::TopicRouting::json; }
  handlers::Route find(std::string_view, std::string_view) const override { return &m_handler; }

 private:
  mutable CountOrder m_handler;
};

class Print final : public pipeline::ResultSink {
 public:
  void write(std::string_view lines) override { std::fwrite(lines.data(), 1, lines.size(), stdout); }
  bool has_room() override { return true; }
};

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::filesystem::path data_dir = argc > 1 ? argv[1] : "orders-data";
    Shutdown shutdown;
    SystemClock clock;
    const auto transport = transport::open_transport({.data_dir = data_dir}, "count-orders");
    pipeline::ConsumeOptions options;
    options.topics = {"orders"};
    options.data_dir = data_dir;
    options.exit_at_end = true;
    OrdersOnly registry;
    Print print;
    const pipeline::ConsumeParts parts{
        *transport, [&] { return store::open_store(data_dir, store::OpenMode::read_write); }, registry, print,
        clock};
    pipeline::ConsumeLoop(parts, options).run(shutdown.token());
    return 0;
  } catch (const kbeat::Error& error) {
    std::fprintf(stderr, "count_orders: %s\n", error.what());
    return 1;
  }
}
