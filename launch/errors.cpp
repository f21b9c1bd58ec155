#include "launch/errors.h"

#include <exception>

namespace dragoman {

Failure describe_current_exception() {
  try {
    rethrow_as_error();
  } catch (const ConfigurationError& error) {
    return {kExitUsage, error.what()};
  } catch (const Error& error) {
    return {kExitFailure, error.what()};
  } catch (const std::exception& error) {
    return {kExitFailure, std::string("internal error: ") + error.what() + "; please report it with the command line"};
  } catch (...) {
    return {kExitFailure, "internal error of an unknown kind; please report it with the command line"};
  }
}

}  // namespace dragoman
