// Members that live and die, seen through open files of their own as other processes would see them.
#include "kbeat/transport/log/presence_file.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "support/child.hpp"
#include "support/temp_dir.hpp"

using namespace kbeat;
using kbeat::transport::log::PresenceFile;

TEST_CASE("a member is there until it leaves", "[log][presence]") {
  const test::TempDir dir;
  PresenceFile mine(dir / "members");
  const PresenceFile other(dir / "members");
  CHECK_FALSE(other.is_there("m1"));
  mine.enter("m1");
  mine.enter("m2");
  CHECK(mine.is_there("m1"));
  CHECK(other.is_there("m1"));
  mine.leave("m1");
  CHECK_FALSE(mine.is_there("m1"));
  CHECK_FALSE(other.is_there("m1"));
  CHECK(other.is_there("m2"));
}

TEST_CASE("child: a member that waits for its end", "[.child]") {
  PresenceFile file(test::child_folder() / "members");
  file.enter("m1");
  test::tell_parent("entered");
  for (;;) pause();
}

TEST_CASE("a killed member is gone at once, and a stopped one is still there", "[log][presence]") {
  const test::TempDir dir;
  const PresenceFile mine(dir / "members");
  test::Child child("child: a member that waits for its end", dir.path());
  REQUIRE(child.read_line() == "entered");
  CHECK(mine.is_there("m1"));
  child.signal(SIGSTOP);
  child.wait_until_stopped();
  CHECK(mine.is_there("m1"));
  child.signal(SIGKILL);
  child.wait();
  CHECK_FALSE(mine.is_there("m1"));
}
