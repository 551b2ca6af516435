// Finds the shared objects beside our own and loads them.
#include "kbeat/base/plugin.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <filesystem>

#include "kbeat/base/error.hpp"

namespace kbeat {
namespace {

/// The folder that this library was loaded from.
std::filesystem::path own_folder() {
  static const int anchor = 0;
  Dl_info info{};
  if (dladdr(&anchor, &info) == 0 || info.dli_fname == nullptr) return {};
  return std::filesystem::path(info.dli_fname).parent_path();
}

/// Beside the library; where it was built for newer processors as well, and this is one, that build, in the
/// folder that the system's own loader would take it from.
std::filesystem::path plugin_file(const std::string& name) {
  const std::filesystem::path folder = own_folder(), file = fmt::format("libkbeat_{}.so.0", name);
#ifdef __x86_64__
  const std::filesystem::path wide = folder / "glibc-hwcaps" / "x86-64-v3" / file;
  if (__builtin_cpu_supports("x86-64-v3") && std::filesystem::exists(wide)) return wide;
#endif
  return folder / file;
}

Error cannot_load(const std::filesystem::path& file) {
  const char* const reason = dlerror();
  return {ErrorCode::internal,
          fmt::format("cannot load {}: {}. Install all files of this version of kbeat together",
                      file.string(), reason != nullptr ? reason : "unknown reason")};
}

}  // namespace

void* plugin_symbol(const std::string& name, const char* symbol) {
  const std::filesystem::path file = plugin_file(name);
  void* const object = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) throw cannot_load(file);
  void* const address = dlsym(object, symbol);
  if (address == nullptr) throw cannot_load(file);
  return address;
}

}  // namespace kbeat
