// Trace context: which headers count, and what is handed on.
#include "kbeat/model/trace.hpp"

#include <catch2/catch.hpp>

#include <set>

namespace {

using namespace kbeat;

// The example of the recommendation.
constexpr std::string_view k_parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST_CASE("a traceparent is read and written back", "[model][trace]") {
  const auto context = parse_traceparent(k_parent);
  REQUIRE(context);
  CHECK(context->trace_id == "0af7651916cd43dd8448eb211c80319c");
  CHECK(context->span_id == "b7ad6b7169203331");
  CHECK(context->flags == 1);
  CHECK(to_traceparent(*context) == k_parent);
}

TEST_CASE("a later version counts by what it shares with ours", "[model][trace]") {
  CHECK(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes"));
  CHECK(parse_traceparent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
}

TEST_CASE("what the recommendation calls invalid is ignored", "[model][trace]") {
  const auto text =
      GENERATE(as<std::string>{}, "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
               "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
               "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
               "00-00000000000000000000000000000000-b7ad6b7169203331-01",
               "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
               "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
               "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.more",
               "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
               "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g");
  CAPTURE(text);
  CHECK_FALSE(parse_traceparent(text));
}

TEST_CASE("a step stays in its trace and is never the same twice", "[model][trace]") {
  const TraceContext begun = start_trace();
  CHECK(parse_traceparent(to_traceparent(begun)) == begun);
  std::set<std::string> spans{begun.span_id};
  for (int i = 0; i < 100; ++i) {
    const TraceContext step = next_step(begun);
    CHECK(step.trace_id == begun.trace_id);
    CHECK(spans.insert(step.span_id).second);
  }
}

TEST_CASE("a trail comes from headers, and the event's correlation id where they have none",
          "[model][trace]") {
  const std::vector<HeaderView> headers{{"traceparent", k_parent}, {"tracestate", "shop=1"}, {"other", "x"}};
  RecordView record{.headers = headers};
  Event event;
  event.correlation_id = "order-7";
  const Trail trail = trail_of(record, &event);
  REQUIRE(trail.context);
  CHECK(to_traceparent(*trail.context) == k_parent);
  CHECK(trail.state == "shop=1");
  CHECK(trail.correlation_id == "order-7");
  const std::vector<HeaderView> said{{"correlation_id", "said"}};
  record.headers = said;
  CHECK(trail_of(record, &event).correlation_id == "said");
  CHECK(trail_of(RecordView{}, nullptr).empty());
}

TEST_CASE("a CloudEvent's trace lies in its own headers", "[model][trace]") {
  const std::vector<HeaderView> headers{{"ce_traceparent", k_parent}, {"ce_correlationid", "c"}};
  const Trail trail = trail_of(RecordView{.headers = headers}, nullptr);
  REQUIRE(trail.context);
  CHECK(trail.correlation_id == "c");
}

TEST_CASE("setting a trail replaces the former one and leaves other headers", "[model][trace]") {
  std::vector<Header> headers{{"traceparent", "old"}, {"kept", "1"}, {"tracestate", "old"}, {"kept", "2"}};
  Trail trail;
  trail.context = parse_traceparent(k_parent);
  trail.correlation_id = "c";
  set_trail(headers, trail);
  CHECK(headers ==
        std::vector<Header>{
            {"kept", "1"}, {"kept", "2"}, {"traceparent", std::string(k_parent)}, {"correlation_id", "c"}});
}

TEST_CASE("fields of a trail are JSON whatever the ids hold", "[model][trace]") {
  Trail trail;
  CHECK(trail_fields(trail).empty());
  trail.correlation_id = "a\"b\n\xff";
  CHECK(trail_fields(trail) == "\"correlation_id\":\"a\\\"b\\n\xef\xbf\xbd\"");
  trail.context = parse_traceparent(k_parent);
  CHECK(trail_fields(trail).starts_with(
      R"("trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","correlation_id":)"));
}

}  // namespace
