#include "trainer/training.h"

#include <filesystem>
#include <memory>
#include <optional>

#include "io/configuration_reader.h"
#include "io/corpus_plan.h"
#include "io/error.h"
#include "io/file_bytes.h"
#include "io/run_folder.h"
#include "io/run_lock.h"
#include "trainer/agreement.h"
#include "trainer/checkpoints.h"
#include "trainer/early_stopping.h"
#include "trainer/global_step.h"
#include "trainer/gradient_norm.h"
#include "trainer/handshake.h"
#include "trainer/instruction_set.h"
#include "trainer/library_versions.h"
#include "trainer/model_options.h"
#include "trainer/profile_files.h"
#include "trainer/resume.h"
#include "trainer/schedule.h"
#include "trainer/steady_seconds.h"
#include "trainer/trained_model.h"
#include "trainer/training_log.h"
#include "trainer/training_profile.h"
#include "trainer/training_tensors.h"
#include "trainer/training_window.h"
#include "trainer/update.h"
#include "trainer/validation.h"

namespace dragoman {

namespace {

/// What checkpoints cost: the time in which training stood still for them.
struct Standstill {
  int checkpoints = 0;
  double seconds = 0;
};

MetricsLine checkpoint_line(const Checkpoints::Finished& checkpoint) {
  return {.kind = "checkpoint",
          .step = checkpoint.step,
          .epoch = checkpoint.epoch,
          .parameters_hash = checkpoint.parameters_hash};
}

/// All that one training run holds. Members are made in the order of their use.
class Training {
 public:
  Training(const Configuration& configuration, const TrainingStart& start, Corpus corpus, Communicator& communicator,
           TrainingObserver& observer);
  TrainingOutcome run();

 private:
  void start_or_resume();
  void resume(const CheckpointState& state);
  void start_new();
  bool finished() const {
    return step_ >= configuration_.training.max_steps || early_stopping_.should_stop() || schedule_.exhausted();
  }
  bool take_step();
  struct Verdict {
    bool new_best, decayed;
  };
  Verdict validate();
  void go_on_at_a_lower_rate();
  void log_train_line(double learning_rate);
  void begin_checkpoint();
  bool finish_checkpoint();
  void require_finite_parameters() const;
  bool stop_wanted();
  void tell_standstill() const;
  CheckpointState state();

  Configuration configuration_;
  TrainingStart start_;
  Communicator& communicator_;
  TrainingObserver& observer_;
  RunFolder run_;
  Corpus corpus_;
  std::map<std::string, std::string> versions_;
  TranslationModel model_;
  TrainingTensors tensors_;
  std::unique_ptr<TrainingProfile> profile_;  // where asked for
  WorkerThreads threads_;
  GlobalStep global_step_;
  Validation validation_;
  LearningRateSchedule schedule_;
  EarlyStopping early_stopping_;
  Checkpoints checkpoints_;
  std::optional<RunLock> lock_;  // rank 0 only, and so below
  std::optional<TrainingLog> log_;

  double started_ = steady_seconds();
  std::int64_t step_ = 0;
  std::int64_t target_tokens_ = 0;  // since the start of the run
  double last_gradient_norm_ = 0;
  TrainingWindow window_;
  Standstill standstill_;
};

Training::Training(const Configuration& configuration, const TrainingStart& start, Corpus corpus,
                   Communicator& communicator, TrainingObserver& observer)
    : configuration_(configuration),
      start_(start),
      communicator_(communicator),
      observer_(observer),
      run_(configuration.run),
      corpus_(std::move(corpus)),
      versions_(library_versions()),
      model_(translation_model_options(configuration.model, corpus_.manifest.source_vocabulary,
                                       corpus_.manifest.target_vocabulary)),
      tensors_(model_.layout(), configuration.training),
      profile_(start.profile ? std::make_unique<TrainingProfile>(configuration.training.threads, true) : nullptr),
      threads_(configuration.training.threads, profile_ ? profile_->threads() : std::span<Profile>()),
      global_step_(model_, corpus_, configuration, communicator, threads_),
      validation_(model_, corpus_, configuration, communicator, threads_),
      schedule_(configuration.training.schedule, configuration.training.optimizer.learning_rate),
      early_stopping_(configuration.validation.metric, configuration.validation.patience),
      checkpoints_(run_, configuration.checkpoint, communicator, observer) {}

TrainingOutcome Training::run() {
  start_or_resume();
  if (step_ >= configuration_.training.max_steps) return TrainingOutcome::already_finished;
  if (early_stopping_.should_stop()) return TrainingOutcome::out_of_patience;
  if (schedule_.exhausted()) return TrainingOutcome::out_of_rate;
  if (!exact_world(communicator_.size(), configuration_.batch.micro_batches)) {
    observer_.warn("results are deterministic on " + std::to_string(communicator_.size()) +
                   " ranks but not identical to those on other numbers of ranks; powers of two up to "
                   "batch.micro_batches are");
  }
  if (const std::string advice = validation_.advice(); !advice.empty()) observer_.warn(advice);
  while (!finished()) {
    const bool stop = take_step();
    const bool last = step_ >= configuration_.training.max_steps;
    bool save_now = stop || last || step_ % configuration_.checkpoint.every_steps == 0;
    if (last || step_ % configuration_.validation.every_steps == 0) {
      const Verdict verdict = validate();
      // Where training ends with it, too: a run made longer goes on as if it had been so from the start.
      if (verdict.decayed) go_on_at_a_lower_rate();
      save_now = save_now || verdict.new_best || finished();
    }
    if (save_now) begin_checkpoint();
    if (stop) break;
  }
  if (checkpoints_.begun() && !finish_checkpoint()) {
    throw Error("training ended after step " + std::to_string(step_) +
                ", but its last checkpoint could not be written; mend what the warning says and start again, to go on "
                "from the one before");
  }
  tell_standstill();
  if (profile_) tell_profile(*profile_, run_, communicator_, observer_);
  return finished() ? TrainingOutcome::finished : TrainingOutcome::stopped;
}

void Training::start_or_resume() {
  communicator_.all_or_none([&] {
    if (communicator_.rank() != 0) return;
    std::filesystem::create_directories(run_.path());
    lock_.emplace(run_);
    if (start_.fresh) set_aside(run_, observer_);
  });
  const std::optional<CheckpointState> state = checkpoints_.find_newest();
  state ? resume(*state) : start_new();
  agreed_parameters_hash(communicator_, tensors_);
  communicator_.all_or_none([&] {
    if (communicator_.rank() != 0) return;
    write_file_atomically(run_.configuration(), write_configuration(configuration_));
    log_.emplace(run_, configuration_, step_, observer_);
    // A run killed after it had committed a checkpoint and before it wrote the line.
    if (state && log_->last_checkpoint() != step_) {
      log_->write(checkpoint_line({step_, state->epoch, state->parameters_hash}));
    }
  });
}

void Training::resume(const CheckpointState& state) {
  const Differences other = check_resume(state, configuration_, corpus_.hash, start_.accept_change, observer_);
  compare_versions(state, versions_, observer_);
  checkpoints_.load(tensors_);
  step_ = state.step;
  target_tokens_ = state.target_tokens;
  window_.loss = {state.window.smoothed, state.window.nll, 0, state.window.target_tokens};
  if (other.batches) {
    global_step_.start_epoch(state.epoch + 1);
    observer_.note("batches are cut otherwise now: starting with epoch " + std::to_string(state.epoch + 1));
  } else {
    global_step_.seek(state.slots);
  }
  schedule_ = LearningRateSchedule(configuration_.training.schedule, configuration_.training.optimizer.learning_rate,
                                   {state.schedule_scale, other.scores ? 0 : state.schedule_bad_validations});
  if (other.scores) {
    observer_.note("validation computes another score now: best score, patience and plateau begin anew");
  } else {
    early_stopping_ = EarlyStopping(configuration_.validation.metric, configuration_.validation.patience,
                                    {state.best_score, state.best_step, state.validations_without_best});
  }
  if (!start_.from.empty()) {
    observer_.warn("--from " + start_.from + " is ignored: the run has checkpoints of its own, and goes on from them");
  }
  observer_.note("resuming after step " + std::to_string(step_) + " from " + run_.checkpoint(step_).string());
}

void Training::start_new() {
  ParameterStore& store = tensors_.store;
  if (start_.from.empty()) {
    store.initialize(configuration_.seed);
  } else {
    std::filesystem::path from;
    communicator_.all_or_none([&] {
      std::vector<std::string> messages;
      from = choose_checkpoint(start_.from, messages);
      const CheckpointContents contents = inspect_checkpoint(from);
      require_tokenizers(from, contents.state, corpus_.tokenizers.source->bytes(),
                         corpus_.tokenizers.shared() ? "" : corpus_.tokenizers.target->bytes());
      read_trained_parameters(from, contents, store);
      for (const std::string& message : messages) observer_.note(message);
    });
    store.values_changed();
    observer_.note("starting from the parameters of " + from.string());
  }
  if (tensors_.average) tensors_.average->start(store.values());
}

bool Training::take_step() {
  if (profile_) profile_->begin_step(communicator_);
  const double begin = steady_seconds();
  const std::int64_t step = step_ + 1;
  observer_.entered(TrainingPhase::computing);
  global_step_.compute(tensors_.store.parameters(), step);
  observer_.entered(TrainingPhase::exchanging);
  const StepTotals totals = global_step_.exchange(
      tensors_.store.parameters(), {.stop_requested = stop_wanted(), .checkpoint_written = checkpoints_.written()});
  const double tokens = totals.loss.target_tokens;
  const double learning_rate = schedule_.rate(step);
  last_gradient_norm_ = update_parameters(
      tensors_, global_step_.gradient(), totals,
      {.step = step, .learning_rate = learning_rate, .clip_norm = configuration_.training.optimizer.clip_norm},
      threads_);
  step_ = step;
  target_tokens_ += static_cast<std::int64_t>(tokens);
  const double seconds = steady_seconds() - begin;
  window_.add(totals, seconds);
  observer_.stepped({.step = step,
                     .max_steps = configuration_.training.max_steps,
                     .epoch = global_step_.epoch(),
                     .loss = totals.loss.loss(),
                     .learning_rate = learning_rate,
                     .gradient_norm = last_gradient_norm_,
                     .target_tokens_per_second = tokens / seconds});
  if (step % configuration_.logging.every_steps == 0) log_train_line(learning_rate);
  if (totals.news.checkpoint_written) finish_checkpoint();
  if (profile_) profile_->end_step();
  return totals.news.stop_requested;
}

bool Training::stop_wanted() {
  const double limit = configuration_.training.time_limit_minutes;
  const double spent = start_.minutes_spent + (steady_seconds() - started_) / 60;
  return observer_.stop_requested() || (limit > 0 && spent >= limit);
}

void Training::log_train_line(double learning_rate) {
  if (log_)
    log_->write({.kind = "train",
                 .step = step_,
                 .epoch = global_step_.epoch(),
                 .loss = window_.loss.loss(),
                 .perplexity = window_.loss.perplexity(),
                 .learning_rate = learning_rate,
                 .gradient_norm = last_gradient_norm_,
                 .target_tokens_per_second = window_.tokens_per_second(),
                 .target_tokens_per_second_of_ranks = window_.tokens_per_second_of_ranks()});
  window_ = {};
}

Training::Verdict Training::validate() {
  observer_.entered(TrainingPhase::validating);
  communicator_.begin("validation after step " + std::to_string(step_));
  const ValidationResult result = validation_.run(tensors_.averaged_parameters());
  const double score = result.score(configuration_.validation.metric);
  const bool new_best = early_stopping_.is_best(score);
  // One that only the end of training brings takes no patience, which a run made longer would then lack.
  const bool due = step_ % configuration_.validation.every_steps == 0;
  if (due || new_best) early_stopping_.after_validation(step_, score);
  const bool decayed = due && schedule_.after_validation(new_best);
  const std::string hash = agreed_parameters_hash(communicator_, tensors_);
  if (log_)
    log_->write({.kind = "valid",
                 .step = step_,
                 .epoch = global_step_.epoch(),
                 .loss = result.loss,
                 .perplexity = result.perplexity,
                 .learning_rate = schedule_.rate(step_),
                 .accuracy = result.accuracy,
                 .bleu = result.bleu.score,
                 .parameters_hash = hash});
  observer_.validated(step_, result, new_best);
  return {new_best, decayed};
}

/// Steps and the order of the data go on: only what was learned since the best validation is given up.
void Training::go_on_at_a_lower_rate() {
  char text[100];
  std::snprintf(text, sizeof text, "no new best: from now on %g of the learning rate", schedule_.state().scale);
  std::string sentence = text;
  const std::int64_t best = early_stopping_.state().best_step;
  if (configuration_.training.schedule.return_to_best && best > 0) {
    if (checkpoints_.begun()) finish_checkpoint();  // it may be the best one
    observer_.entered(TrainingPhase::saving);
    communicator_.begin("return to the best checkpoint after step " + std::to_string(step_));
    if (checkpoints_.return_to(best, step_, tensors_))
      sentence += ", with the parameters of step " + std::to_string(best);
  }
  observer_.note(sentence);
}

void Training::begin_checkpoint() {
  if (checkpoints_.begun()) finish_checkpoint();
  const double begin = steady_seconds();
  observer_.entered(TrainingPhase::saving);
  communicator_.begin("checkpoint after step " + std::to_string(step_));
  require_finite_parameters();
  checkpoints_.begin(state(), tensors_);
  if (log_) log_->hold();
  standstill_.seconds += steady_seconds() - begin;
  ++standstill_.checkpoints;
}

/// A checkpoint that no step can go on from would only hide the last good one.
void Training::require_finite_parameters() const {
  const auto at = first_non_finite(tensors_.store.values());
  if (!at) return;
  throw Error(
      "step " + std::to_string(step_) + ": " + model_.layout().tensor_at(*at).name +
      " is not finite after the update; nothing was saved, resume from the last checkpoint with a lower learning "
      "rate (with --accept-change)");
}

/// @return whether it was committed
bool Training::finish_checkpoint() {
  const Activity activity("checkpoint");
  const double begin = steady_seconds();
  observer_.entered(TrainingPhase::saving);
  communicator_.begin("committing a checkpoint after step " + std::to_string(step_));
  const std::optional<Checkpoints::Finished> finished = checkpoints_.finish();
  if (log_) log_->release(finished ? std::optional(checkpoint_line(*finished)) : std::nullopt);
  standstill_.seconds += steady_seconds() - begin;
  return finished.has_value();
}

void Training::tell_standstill() const {
  const double seconds = steady_seconds() - started_;
  char text[120];
  std::snprintf(text, sizeof text, "training stood still for %.2f s for %d checkpoints, %.2f %% of %.0f s",
                standstill_.seconds, standstill_.checkpoints, 100 * standstill_.seconds / seconds, seconds);
  observer_.note(text);
}

CheckpointState Training::state() {
  const EarlyStoppingState& best = early_stopping_.state();
  return {.step = step_,
          .epoch = global_step_.epoch(),
          .seed = configuration_.seed,
          .slots = global_step_.positions(),
          .best_score = best.best_score,
          .best_step = best.best_step,
          .validations_without_best = best.validations_without_best,
          .schedule_scale = schedule_.state().scale,
          .schedule_bad_validations = schedule_.state().bad_validations,
          .finished = finished(),
          .target_tokens = target_tokens_,
          .window = {window_.loss.smoothed, window_.loss.nll, window_.loss.target_tokens},
          .optimizer_began = tensors_.optimizer.began(),
          .configuration = write_configuration(configuration_),
          .corpus_hash = corpus_.hash,
          .source_tokenizer = corpus_.tokenizers.source->bytes(),
          .target_tokenizer = corpus_.tokenizers.shared() ? "" : corpus_.tokenizers.target->bytes(),
          .versions = versions_,
          .parameters_hash = ""};
}

Corpus open_corpus_together(const Configuration& configuration, Communicator& communicator) {
  std::optional<Corpus> corpus;
  communicator.all_or_none([&] {
    corpus = open_corpus(configuration.corpus_folder());
    if (communicator.rank() == 0) require_current_corpus(*corpus, configuration.corpus);
  });
  return std::move(*corpus);
}

/// What has to be the same on all ranks.
std::map<std::string, std::string> facts_of_this_rank(const Configuration& configuration, const Corpus& corpus) {
  std::map<std::string, std::string> facts = library_versions();
  facts["configuration"] = write_configuration(configuration);
  facts["corpus"] = corpus.hash;
  // Different processors are what a limit is for.
  if (configuration.training.isa != InstructionSetChoice::automatic) facts.erase("processor");
  return facts;
}

}  // namespace

TrainingOutcome train(const Configuration& configuration, const TrainingStart& start, Communicator& communicator,
                      TrainingObserver& observer) {
  observer.entered(TrainingPhase::starting);
  communicator.limit_silence(configuration.training.exchange_timeout_seconds);
  communicator.begin("start of training");
  choose_instruction_set(configuration.training);
  Corpus corpus = open_corpus_together(configuration, communicator);
  // Before anything that depends on all ranks agreeing.
  require_equal_on_all_ranks(communicator, facts_of_this_rank(configuration, corpus));
  return Training(configuration, start, std::move(corpus), communicator, observer).run();
}

}  // namespace dragoman
