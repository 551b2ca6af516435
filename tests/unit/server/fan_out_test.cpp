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
    return Written::now;
  }
  void end_writing() override {}
  void close() override {}
  [[nodiscard]] const std::string& peer() const override { return text; }

  std::string text;
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
  made->frames[0] = std::make_shared<const std::string>(device + std::to_string(offset) + " ");
  return made;
}

}  // namespace

TEST_CASE("a record goes to the clients of its device and to those of all", "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  const Seen one = join(fan_out, loop, {.devices = {"a"}});
  const Seen two = join(fan_out, loop, {.devices = {"a", "b"}});
  const Seen all = join(fan_out, loop, {});
  fan_out.deliver(std::vector{record(0, "a"), record(1, "b"), record(2, "c")});
  fan_out.flush();
  CHECK(one.link->text == "a0 ");
  CHECK(two.link->text == "a0 b1 ");
  CHECK(all.link->text == "a0 b1 c2 ");
  CHECK(fan_out.counts().delivered == 6);
  CHECK(fan_out.next() == std::vector<std::int64_t>{3});
}

TEST_CASE("a client that ends between delivery and flush is passed over", "[server][stream]") {
  NoLoop loop;
  FanOut fan_out;
  const Seen gone = join(fan_out, loop, {.devices = {"a"}});
  const Seen there = join(fan_out, loop, {.devices = {"a"}});
  fan_out.deliver(std::vector{record(0, "a")});
  gone.subscriber->client->on_gone();
  fan_out.remove(*gone.subscriber);
  gone.subscriber->client.reset();
  fan_out.flush();
  CHECK(gone.link->text.empty());
  CHECK(there.link->text == "a0 ");
  CHECK(fan_out.clients() == 1);
}
