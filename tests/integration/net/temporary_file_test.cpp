// Temporary files: private, nameless, and nothing left of them.
#include "kbeat/net/temporary_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "support/fetched.hpp"
#include "support/temp_dir.hpp"
#include "support/thrown.hpp"

using namespace kbeat;

namespace {

std::ptrdiff_t entries(const test::TempDir& folder) {
  return std::distance(std::filesystem::directory_iterator(folder.path()), {});
}

void check_private(const net::FetchedFile& file) {
  struct stat status {};
  REQUIRE(fstat(file.descriptor(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(status.st_nlink == 0);
  REQUIRE(write(file.descriptor(), "sound", 5) == 5);
  lseek(file.descriptor(), 0, SEEK_SET);
  CHECK(test::read_all(file) == "sound");
}

}  // namespace

TEST_CASE("a temporary file has no name and is ours alone", "[net]") {
  const test::TempDir folder;
  check_private(net::make_temporary_file(folder.path()));
  CHECK(entries(folder) == 0);
}

TEST_CASE("where nameless files are not known the name is taken away at once", "[net]") {
  const test::TempDir folder;
  check_private(net::make_unlinked_file(folder.path()));
  CHECK(entries(folder) == 0);
}

TEST_CASE("a folder that cannot be written is named in the error", "[net]") {
  const auto error = test::thrown_by([] { (void)net::make_temporary_file("/proc/none"); });
  REQUIRE(error.has_value());
  CHECK(error->code() == ErrorCode::io);
  CHECK_THAT(error->what(), Catch::Contains("/proc/none") && Catch::Contains("TMPDIR"));
}

TEST_CASE("only old files of our own name are taken for orphans", "[net]") {
  const test::TempDir folder;
  std::ofstream(folder / "kbeat-fetch-AAAAAA") << "left";
  std::ofstream(folder / "other") << "kept";
  const WallTime now = SystemClock().now();
  net::remove_orphans(folder.path(), now);
  CHECK(entries(folder) == 2);
  net::remove_orphans(folder.path(), now + std::chrono::minutes(2));
  CHECK(entries(folder) == 1);
  CHECK(std::filesystem::exists(folder / "other"));
}
