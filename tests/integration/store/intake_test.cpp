// What a server's intake accepts, once and whole.
#include <catch2/catch.hpp>

#include "integration/store/batch_maker.hpp"
#include "kbeat/base/hash.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

namespace {

IntakeEvent quiz(const std::string& type, const std::string& id, const std::string& value = "v") {
  const std::string identity = "quiz-events/" + type + "/" + id;
  IntakeEvent event{.identity = identity, .accepted_as = "quiz:" + id, .value_hash = sha256(value)};
  event.apply = HandledEvent{.handler = "quiz-event",
                             .identity = identity,
                             .value_hash = sha256_digest(value),
                             .origin = {.topic = "quiz-events"},
                             .effects = {quiz_event(id, type)}};
  return event;
}

IntakeEvent of_batch(IntakeEvent event, std::uint64_t batch) {
  event.batch = batch;
  return event;
}

std::vector<Taken> take(Intake& intake, const std::vector<IntakeEvent>& events) {
  std::vector<Taken> fates;
  for (const TakenEvent& each : intake.take(events)) fates.push_back(each.taken);
  return fates;
}

}  // namespace

TEST_CASE_METHOD(StoreFixture, "an event is accepted once for its row, whatever its type", "[store]") {
  const auto intake = open_intake(dir.path(), GroupId("g"), 0);
  CHECK(take(*intake, {quiz("A", "1"), quiz("B", "1", "w")}) ==
        std::vector{Taken::accepted, Taken::conflict});
  CHECK(take(*intake, {quiz("A", "1")}) == std::vector{Taken::duplicate});
  CHECK(text("SELECT event_type FROM quiz_events") == "A");
}

TEST_CASE_METHOD(StoreFixture, "what was accepted by its identity only is a duplicate still", "[store]") {
  const auto intake = open_intake(dir.path(), GroupId("g"), 0);
  IntakeEvent former = quiz("A", "1");
  former.accepted_as.clear();
  CHECK(take(*intake, {former}) == std::vector{Taken::accepted});
  CHECK(take(*intake, {quiz("A", "1"), quiz("A", "1", "w")}) ==
        std::vector{Taken::duplicate, Taken::conflict});
}

TEST_CASE_METHOD(StoreFixture, "a batch with a conflict leaves its neighbours alone", "[store]") {
  const auto intake = open_intake(dir.path(), GroupId("g"), 0);
  const std::vector<IntakeEvent> events{quiz("A", "1"), of_batch(quiz("A", "2"), 1),
                                        of_batch(quiz("A", "1", "w"), 1), of_batch(quiz("A", "3"), 2),
                                        of_batch(quiz("A", "2"), 2)};
  CHECK(take(*intake, events) ==
        std::vector{Taken::accepted, Taken::left_out, Taken::conflict, Taken::accepted, Taken::accepted});
  CHECK(number("SELECT count(*) FROM quiz_events") == 3);
  CHECK(take(*intake, {quiz("A", "2", "w")}) == std::vector{Taken::conflict});
}
