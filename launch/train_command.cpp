#include "launch/train_command.h"

#include "io/configuration_reader.h"
#include "launch/errors.h"
#include "launch/placement.h"
#include "launch/stop_signals.h"
#include "launch/training_display.h"

namespace dragoman {

TrainingOutcome train_shown(const Configuration& configuration, const TrainingStart& start, ProgressMode progress,
                            Communicator& communicator) {
  log_placement(communicator, configuration.training.threads);
  TrainingDisplay display(communicator.rank(), progress);
  return train(configuration, start, communicator, display);
}

int run_train(const TrainOptions& options, Communicator& communicator, std::ostream& out) {
  const Configuration configuration = read_configuration(options.configuration, options.settings);
  catch_stop_signals();
  const TrainingStart start{
      .fresh = options.fresh, .accept_change = options.accept_change, .profile = options.profile, .from = options.from};
  switch (train_shown(configuration, start, options.progress, communicator)) {
    case TrainingOutcome::finished:
      out << configuration.run << ": training is finished\n";
      return kExitDone;
    case TrainingOutcome::already_finished:
      out << configuration.run << ": training was finished already; raise training.max_steps to go on\n";
      return kExitDone;
    case TrainingOutcome::out_of_patience:
      out << configuration.run << ": training was finished already, for validation had stopped improving; raise "
          << "validation.patience to go on\n";
      return kExitDone;
    case TrainingOutcome::out_of_rate:
      out << configuration.run << ": training was finished already, for the learning rate had fallen below "
          << "training.schedule.minimum_factor; lower that, with --accept-change, to go on\n";
      return kExitDone;
    case TrainingOutcome::stopped:
      out << configuration.run << ": stopped on request after saving a checkpoint; start again to go on\n";
      return kExitStopped;
  }
  return kExitFailure;
}

}  // namespace dragoman
