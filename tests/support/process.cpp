#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace dragoman::test {
namespace {

/// A process in a group of its own, so that a timeout reaches what it started too.
pid_t spawn(std::vector<std::string> command, const std::map<std::string, std::string>& environment,
            const TemporaryFolder& folder) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!environment.contains(text.substr(0, text.find('=')))) variables.push_back(text);
  }
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);

  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, (folder / "in").c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, (folder / "out").c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, (folder / "err").c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = -1;
  const int error = posix_spawnp(&child, command.front().c_str(), &files, &attributes, pointers(command).data(),
                                 pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw std::runtime_error("cannot start " + command.front() + ": " + std::strerror(error));
  return child;
}

}  // namespace

ProcessResult run_process(const std::string& program, const std::vector<std::string>& arguments,
                          const ProcessOptions& options) {
  const TemporaryFolder folder;
  write_file(folder / "in", options.input);
  std::vector<std::string> command;
  std::map<std::string, std::string> environment = options.environment;
  if (options.ranks > 0) {
    // Tests run side by side on few cores: bound ranks of two tests would share one core.
    command = {"mpirun", "--oversubscribe", "--bind-to", "none", "-n", std::to_string(options.ranks)};
    environment["OMPI_ALLOW_RUN_AS_ROOT"] = environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
  }
  command.push_back(program);
  command.insert(command.end(), arguments.begin(), arguments.end());

  const auto start = std::chrono::steady_clock::now();
  ProcessResult result;
  const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  const pid_t child = spawn(std::move(command), environment, folder);
  int wait_status = 0;
  while (true) {
    const pid_t ended = waitpid(child, &wait_status, WNOHANG);
    if (ended == child) break;
    if (ended < 0 && errno != EINTR) throw std::runtime_error(std::string("waitpid: ") + std::strerror(errno));
    if (!result.timed_out && elapsed() > options.timeout_seconds) {
      result.timed_out = true;
      kill(-child, SIGKILL);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  result.seconds = elapsed();
  result.status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
  result.out = read_file(folder / "out");
  result.err = read_file(folder / "err");
  return result;
}

ProcessResult run_dragoman(const std::vector<std::string>& arguments, const ProcessOptions& options) {
  return run_process(DRAGOMAN_PROGRAM, arguments, options);
}

}  // namespace dragoman::test
