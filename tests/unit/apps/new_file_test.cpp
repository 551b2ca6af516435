// Where a file that is made goes, and what is left when it is not.
#include "new_file.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "support/temp_dir.hpp"
#include "support/text_file.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::app;
namespace fs = std::filesystem;

TEST_CASE("a file goes where links lead to, the last of which may lead to nothing", "[apps][new_file]") {
  const test::TempDir folder;
  fs::create_directory(folder / "real");
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("real/c", folder / "b");
  CHECK(written_file(folder / "plain", "") == folder / "plain");
  CHECK(written_file(folder / "a", "") == fs::canonical(folder / "real") / "c");
  CHECK(written_file("plain", "") == "plain");
}

TEST_CASE("a link stays when its file is made, and nothing is left of one that is not kept",
          "[apps][new_file]") {
  const test::TempDir folder;
  const fs::path old = test::write_text(folder / "old", "old");
  fs::create_symlink("old", folder / "link");
  { NewFile(folder / "link").write("lost"); }
  CHECK(fs::file_size(old) == 3);
  NewFile file(folder / "link");
  file.write("newer");
  file.keep();
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(fs::file_size(old) == 5);
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 2);
}

TEST_CASE("what is no plain file is not written", "[apps][new_file]") {
  const test::TempDir folder;
  fs::create_symlink("round", folder / "round");
  fs::create_symlink("/dev", folder / "devices");
  for (const fs::path& path : {folder.path(), folder / "round", folder / "devices/kbeat-none",
                               fs::path("/dev/kbeat-none"), fs::path("/proc/self/kbeat-none")}) {
    const auto error = test::thrown_by([&] { static_cast<void>(written_file(path, "NAME")); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::usage);
    CHECK(std::string(error->what()).starts_with("NAME: "));
  }
  CHECK(written_file("/dev/shm/kbeat-none", "") == "/dev/shm/kbeat-none");
}
