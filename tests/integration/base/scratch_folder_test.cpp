// Scratch folders: private, gone with their owner, and swept when that was killed.
#include "kbeat/base/scratch_folder.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <optional>

#include "kbeat/base/error.hpp"
#include "support/temp_dir.hpp"

using namespace kbeat;
namespace fs = std::filesystem;

TEST_CASE("a scratch folder is its owner's alone and goes with all that is in it", "[base][scratch]") {
  const test::TempDir dir;
  std::optional<ScratchFolder> folder(std::in_place, dir.path());
  std::ofstream(folder->path() / "letter.json") << "{}";
  std::ofstream(folder->path() / ".letter.json.swp") << "what an editor leaves";
  CHECK(fs::status(folder->path()).permissions() == fs::perms::owner_all);
  folder.reset();
  CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("a folder whose owner was killed is swept, one in use and other folders are not",
          "[base][scratch]") {
  const test::TempDir dir;
  const ScratchFolder used(dir.path());
  fs::create_directory(dir / "kept");
  const pid_t owner = fork();
  if (owner == 0) {
    const ScratchFolder orphan(dir.path());
    std::ofstream(orphan.path() / "letter.json") << "{}";
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE((waitpid(owner, &status, 0) == owner && WIFSIGNALED(status)));
  REQUIRE(std::distance(fs::directory_iterator(dir.path()), {}) == 3);
  remove_orphaned_scratch(dir.path());
  CHECK(fs::exists(used.path()));
  CHECK(fs::exists(dir / "kept"));
  CHECK(std::distance(fs::directory_iterator(dir.path()), {}) == 2);
}

TEST_CASE("a link with a scratch folder's name leads nowhere", "[base][scratch]") {
  const test::TempDir dir;
  fs::create_directory(dir / "kept");
  std::ofstream(dir / "kept/file") << "x";
  fs::create_directory_symlink(dir / "kept", dir / "kbeat-scratch-abcdef");
  remove_orphaned_scratch(dir.path());
  CHECK(fs::exists(dir / "kept/file"));
}

TEST_CASE("a scratch folder that cannot be made is an error, and sweeping nothing is none",
          "[base][scratch]") {
  const test::TempDir dir;
  std::ofstream(dir / "file") << "x";
  CHECK_THROWS_AS(ScratchFolder(dir / "file"), Error);
  CHECK_NOTHROW(remove_orphaned_scratch(dir / "missing"));
  CHECK_NOTHROW(ScratchFolder(dir / "missing"));
  CHECK(fs::status(dir / "missing").permissions() == fs::perms::owner_all);
}
