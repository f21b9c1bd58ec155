#include "launch/errors.h"

#include <exception>
#include <new>

namespace dragoman {

Failure describe_current_exception() {
  try {
    throw;
  } catch (const ConfigurationError& error) {
    return {kExitUsage, error.what()};
  } catch (const Error& error) {
    return {kExitFailure, error.what()};
  } catch (const std::bad_alloc&) {
    return {kExitFailure, "out of memory; use fewer batch.tokens, a smaller model or fewer ranks on this node"};
  } catch (const std::exception& error) {
    return {kExitFailure, std::string("internal error: ") + error.what() + "; please report it with the command line"};
  } catch (...) {
    return {kExitFailure, "internal error of an unknown kind; please report it with the command line"};
  }
}

}  // namespace dragoman
