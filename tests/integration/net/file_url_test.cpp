// file: URLs, against a folder of the test's own.
#include "kbeat/net/file_url.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "support/fetched.hpp"
#include "support/temp_dir.hpp"

using namespace kbeat;
using net::open_file_url;
using test::body_of;
using test::failure_of;

namespace {

constexpr std::uint64_t k_cap = 100;

std::string make_file(const test::TempDir& folder, std::string_view name, const std::string& content) {
  std::ofstream(folder / name) << content;
  return "file://" + (folder / name).string();
}

net::Fetched fetch(const std::string& url, net::Allowed files) {
  const auto downloader = net::open_downloader({.file_urls = files});
  return downloader->fetch(url, SteadyTime::max(), {});
}

}  // namespace

TEST_CASE("file: URLs are refused unless they are allowed", "[net]") {
  const test::TempDir folder;
  const std::string url = make_file(folder, "a.wav", "sound");
  CHECK(failure_of(fetch(url, net::Allowed::no)).error.code() == ErrorCode::bad_input);
  CHECK(body_of(fetch(url, net::Allowed::yes)) == "sound");
}

TEST_CASE("a file: URL is decoded, its host may be localhost, its scheme of any case", "[net]") {
  const test::TempDir folder;
  make_file(folder, "a b%.wav", "sound");
  const std::string path = folder.path().string();
  CHECK(body_of(open_file_url("FILE:///" + path + "/a%20b%25.wav", k_cap)) == "sound");
  CHECK(body_of(open_file_url("file://localhost" + path + "/a%20b%25.wav", k_cap)) == "sound");
}

TEST_CASE("a file: URL of another form is refused", "[net]") {
  const std::string url = GENERATE("file:", "file://", "file:a.wav", "file://host/a.wav", "file:///a%2",
                                   "file:///a%zz", "file:///a%00b", "file:///%");
  INFO(url);
  CHECK(failure_of(open_file_url(url, k_cap)).error.code() == ErrorCode::bad_input);
}

TEST_CASE("a file that is not there, is no regular file or is too large is a failure", "[net]") {
  const test::TempDir folder;
  const std::string base = "file://" + folder.path().string();
  CHECK(failure_of(open_file_url(base + "/none.wav", k_cap)).error.code() == ErrorCode::not_found);
  CHECK(failure_of(open_file_url(base, k_cap)).error.code() == ErrorCode::bad_input);
  CHECK(failure_of(open_file_url("file:///dev/zero", k_cap)).error.code() == ErrorCode::bad_input);
  const std::string large = make_file(folder, "large.wav", std::string(k_cap + 1, 'x'));
  CHECK(failure_of(open_file_url(large, k_cap)).error.code() == ErrorCode::too_large);
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(failure_of(open_file_url(base + "/fifo", k_cap)).error.code() == ErrorCode::bad_input);
}
