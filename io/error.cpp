#include "io/error.h"

#include <filesystem>
#include <new>
#include <string>

namespace dragoman {

void rethrow_as_error() {
  try {
    throw;
  } catch (const std::filesystem::filesystem_error& error) {
    throw FileError("cannot use " + error.path1().string() + ": " + error.code().message());
  } catch (const std::bad_alloc&) {
    throw Error("out of memory; use fewer batch.tokens, a smaller model or fewer ranks on this node");
  }
}

}  // namespace dragoman
