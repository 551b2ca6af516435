// Records to the clients that want them, over links that are there in name only.
#include "kbeat/server/fan_out.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::server;

namespace {

class NoLoop final : public Loop {
 public:
  void post(std::function<void()> work) override { work(); }
  void call_after(Milliseconds, std::function<void()>) override {}
  [[nodiscard]] bool is_current() const override { return true; }
};

class FakeLink final : public Link {
 public:
  void open(std::shared_ptr<LinkUser>) override {}
  void read() override {}
  [[nodiscard]] Written write(std::span<const std::string_view> pieces) override {
    for (const std::string_view piece : pieces) text += piece;
    return full ? Written::later : Written::now;
  }
  void end_writing() override {}
  void close() override {}
  [[nodiscard]] const std::string& peer() const override { return text; }

  std::string text;
  bool full = false;  ///< what it is given waits until it is written
};

struct Seen {
  std::shared_ptr<FakeLink> link = std::make_shared<FakeLink>();
  std::shared_ptr<Subscriber> subscriber{};
};

Seen join(FanOut& fan_out, Loop& loop, Subscription wanted) {
  Seen seen;
  seen.subscriber = fan_out.add(std::make_shared<LiveClient>(loop, seen.link, LiveStart::Form::web_socket),
                                std::move(wanted));
  return seen;
}

std::shared_ptr<const LiveRecord> record(std::int64_t offset, const std::string& device) {
  auto made = std::make_shared<LiveRecord>();
  made->view.topic = "t";
  made->view.offset = Offset{offset};
  made->device = device;
  made->frames[0] = make_frame(device + std::to_string(offset) + " ", FrameOrigin{0, offset});
  return made;
}

}  // namespace

TEST_CASE("a record goes to the clients of its device and to those of all", "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  const Seen one = join(fan_out, loop, {.devices = {"a"}});
  const Seen two = join(fan_out, loop, {.devices = {"a", "b"}});
  const Seen all = join(fan_out, loop, {});
  CHECK(fan_out.deliver(std::vector{record(0, "a"), record(1, "b"), record(2, "c")}) == 3);
  fan_out.flush();
  CHECK(one.link->text == "a0 ");
  CHECK(two.link->text == "a0 b1 ");
  CHECK(all.link->text == "a0 b1 c2 ");
  CHECK(fan_out.counts().delivered == 6);
  CHECK(fan_out.next() == std::vector<std::int64_t>{3});
}

TEST_CASE("a record that was framed before its form was wanted is framed for who has joined since",
          "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  fan_out.begin(0, {TopicName{"t"}, Partition{0}}, Offset{4});
  fan_out.begin(1, {TopicName{"u"}, Partition{2}}, Offset{7});
  const Seen raw = join(fan_out, loop, {});
  const Seen whole = join(fan_out, loop, {.envelope = true});
  auto unframed = std::make_shared<LiveRecord>();
  unframed->view.topic = "t";
  unframed->view.offset = Offset{4};
  unframed->view.value = R"({"speed":1})";
  CHECK(fan_out.deliver(std::vector<std::shared_ptr<const LiveRecord>>{unframed}) == 1);
  fan_out.flush();
  CHECK(raw.link->text.ends_with(R"({"speed":1})"));
  CHECK(whole.link->text.find(R"("offset":4)") != std::string::npos);
  CHECK(fan_out.counts().delivered == 2);
}

TEST_CASE("a client that ends between delivery and flush is passed over", "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  const Seen gone = join(fan_out, loop, {.devices = {"a"}});
  const Seen there = join(fan_out, loop, {.devices = {"a"}});
  CHECK(fan_out.deliver(std::vector{record(0, "a")}) == 1);
  gone.subscriber->client->on_gone();
  fan_out.remove(*gone.subscriber);
  gone.subscriber->client.reset();
  fan_out.flush();
  CHECK(gone.link->text.empty());
  CHECK(there.link->text == "a0 ");
  CHECK(fan_out.clients() == 1);
}

namespace {

/// A client that does not read: one record is on its way, two wait, and there is no room for a fourth.
std::string goodbye_of_a_slow_client(FanOut& fan_out, Loop& loop) {
  const Seen slow = join(fan_out, loop, {});
  slow.subscriber->client->set_limits(
      {.frames = 3, .slow = SlowPolicy::close, .takes_nothing = Milliseconds{0}});
  slow.link->full = true;
  CHECK(fan_out.deliver(std::vector{record(10, "a")}) == 1);
  fan_out.flush();
  CHECK(fan_out.deliver(std::vector{record(11, "a"), record(12, "a"), record(13, "a")}) == 3);
  slow.link->full = false;
  slow.subscriber->client->on_written();
  return slow.link->text;
}

}  // namespace

TEST_CASE("a client that is closed for being slow is told where it may go on", "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  fan_out.begin(0, {TopicName{"t"}, Partition{0}}, Offset{10});
  fan_out.begin(1, {TopicName{"u"}, Partition{2}}, Offset{7});
  const std::string said = goodbye_of_a_slow_client(fan_out, loop);
  CHECK(said.starts_with("a10 \x88"));
  CHECK(said.ends_with("\x03\xf5too slow: 3 not sent; from=t/0/11,u/2/7"));
  CHECK(fan_out.counts().closed_slow == 1);
}

TEST_CASE("with too many partitions for a goodbye it names the last record that was sent",
          "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  for (std::size_t slot = 0; slot < 20; ++slot)
    fan_out.begin(slot, {TopicName{"a-rather-long-name"}, Partition{static_cast<int>(slot)}}, Offset{10});
  CHECK(goodbye_of_a_slow_client(fan_out, loop).ends_with("; last sent a-rather-long-name/0/10"));
}

TEST_CASE("whatever comes at once is written to who reads, however little may wait", "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  const Seen reader = join(fan_out, loop, {});
  reader.subscriber->client->set_limits({.frames = 3, .slow = SlowPolicy::close});
  std::vector<std::shared_ptr<const LiveRecord>> burst;
  std::string all;
  for (std::int64_t i = 0; i < 100; ++i) {
    burst.push_back(record(i, "a"));
    all += "a" + std::to_string(i) + " ";
  }
  CHECK(fan_out.deliver(burst) == 100);
  fan_out.flush();
  CHECK(reader.link->text == all);
  CHECK(fan_out.counts().delivered == 100);
  CHECK(fan_out.counts().closed_slow == 0);
}

TEST_CASE("the rest of a burst waits until a client that reads has room again", "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  const Seen reader = join(fan_out, loop, {});
  reader.subscriber->client->set_limits({.frames = 2, .slow = SlowPolicy::close});
  reader.link->full = true;
  const std::vector burst{record(0, "a"), record(1, "a"), record(2, "a"), record(3, "a"), record(4, "a")};
  CHECK(fan_out.deliver(burst) == 2);
  CHECK(fan_out.waits_for_room());
  CHECK(fan_out.deliver(std::span(burst).subspan(2)) == 0);
  reader.subscriber->client->on_written();
  CHECK_FALSE(fan_out.waits_for_room());
  CHECK(fan_out.deliver(std::span(burst).subspan(2)) == 2);
  CHECK(reader.link->text == "a0 a1 a2 a3 ");
  reader.subscriber->client->on_gone();
  CHECK_FALSE(fan_out.waits_for_room());
  CHECK(fan_out.counts().dropped == 0);
}

TEST_CASE("nobody waits for a client that takes nothing, or that has been behind for long",
          "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  const bool reads = GENERATE(true, false);
  const Milliseconds none{0};
  const Seen slow = join(fan_out, loop, {});
  LiveLimits limits{.frames = 2};
  (reads ? limits.catches_up : limits.takes_nothing) = none;
  slow.subscriber->client->set_limits(limits);
  slow.link->full = true;
  const std::vector burst{record(0, "a"), record(1, "a"), record(2, "a"), record(3, "a")};
  CHECK(fan_out.deliver(burst) == 4);
  slow.link->full = false;
  slow.subscriber->client->on_written();
  CHECK(slow.link->text.ends_with("a3 "));
  const FanOutCounts counts = fan_out.counts();
  CHECK(counts.dropped > 0);
  CHECK(counts.delivered + counts.dropped == 4);
}

TEST_CASE("patience is short, and comes back slowly", "[server][stream]") {
  using namespace std::chrono_literals;
  SteadyTime now{1h};
  Patience patience(now);
  patience.spend(now += 249ms);
  CHECK(patience.is_left());
  patience.spend(now += 1ms);
  CHECK_FALSE(patience.is_left());
  patience.recover(now += 40ms);
  CHECK(patience.is_left());
  patience.spend(now += 1ms);
  CHECK_FALSE(patience.is_left());
  patience.recover(now += 1h);
  patience.spend(now += 250ms);
  CHECK_FALSE(patience.is_left());
}

TEST_CASE("a client that loses its oldest records stays when all that may wait is being written",
          "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  const Seen slow = join(fan_out, loop, {});
  slow.subscriber->client->set_limits({.bytes = 1, .takes_nothing = Milliseconds{0}});
  slow.link->full = true;
  CHECK(fan_out.deliver(std::vector{record(0, "a"), record(1, "a"), record(2, "a")}) == 3);
  slow.link->full = false;
  slow.subscriber->client->on_written();
  CHECK(slow.link->text == "a0 a2 ");
  CHECK(fan_out.counts().closed_slow == 0);
}
