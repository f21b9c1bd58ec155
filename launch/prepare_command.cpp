#include "launch/prepare_command.h"

#include <exception>

#include "io/configuration_reader.h"
#include "launch/errors.h"
#include "launch/log.h"
#include "trainer/communicator.h"

namespace dragoman {

PreparedCorpus prepare_together(const Configuration& configuration, Communicator& communicator) {
  bool told = false;  // the failure that is passing here came from a vote, so all ranks have it
  const auto vote = [&](const std::function<void()>& work) {
    try {
      communicator.all_or_none(work);
    } catch (...) {
      told = true;
      throw;
    }
  };
  RankGroup ranks;
  ranks.rank = communicator.rank();
  ranks.world = communicator.size();
  ranks.barrier = [&] { vote([] {}); };
  ranks.broadcast = [&](std::string& text) {
    vote([] {});
    communicator.broadcast(text);
  };
  try {
    return prepare_corpus(configuration.corpus, configuration.corpus_folder(), ranks);
  } catch (...) {
    // Work that is voted on may run in another thread, where nothing is being handled.
    if (!told) vote([failure = std::current_exception()] { std::rethrow_exception(failure); });
    throw;
  }
}

int run_prepare(const PrepareOptions& options, Communicator& communicator, std::ostream& out) {
  const Configuration configuration = read_configuration(options.configuration, options.settings);
  const std::string folder = configuration.corpus_folder().string();
  log_info("preparing " + folder + " on " + std::to_string(communicator.size()) +
           (communicator.size() == 1 ? " rank" : " ranks"));
  const PreparedCorpus prepared = prepare_together(configuration, communicator);
  if (communicator.rank() != 0) return kExitDone;
  out << folder << (prepared.reused ? ": inputs and settings have not changed, reused\n" : ": written\n")
      << prepared.report.text();
  return kExitDone;
}

}  // namespace dragoman
