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

Error cannot_load(const std::filesystem::path& file) {
  const char* const reason = dlerror();
  return {ErrorCode::internal,
          fmt::format("cannot load {}: {}. Install all files of this version of kbeat together",
                      file.string(), reason != nullptr ? reason : "unknown reason")};
}

}  // namespace

void* plugin_symbol(const std::string& name, const char* symbol) {
  const std::filesystem::path file = own_folder() / fmt::format("libkbeat_{}.so.0", name);
  void* const object = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) throw cannot_load(file);
  void* const address = dlsym(object, symbol);
  if (address == nullptr) throw cannot_load(file);
  return address;
}

}  // namespace kbeat
