#include <gtest/gtest.h>

#include "layers/translation_model.h"
#include "tests/support/golden_lstm.h"
#include "tests/support/packing.h"

namespace dragoman::test {
namespace {

const std::pair<const char*, const char*> kParameters[] = {
    {"src_embedding", "source.embedding"}, {"tgt_embedding", "target.embedding"},
    {"W1", "attention.query.weights"},     {"b1", "attention.query.bias"},
    {"W2", "attention.key.weights"},       {"b2", "attention.key.bias"},
    {"V", "attention.score_weights"},      {"bV", "attention.score_bias"},
    {"out_W", "output.weights"},           {"out_b", "output.bias"}};
const std::pair<const char*, const char*> kLstms[] = {{"encoder", "encoder.0.forward"}, {"decoder", "decoder.0"}};
const std::string kSmoothedLoss = "output/loss_label_smoothing_";

QueryKind query_kind(const std::string& name) {
  const bool decoder = name.find("decoder_output") != std::string::npos;
  const bool encoder = name.find("encoder_final") != std::string::npos;
  if (decoder == encoder) throw std::runtime_error(name + " does not say whether decoder_output or encoder_final asks");
  return decoder ? QueryKind::decoder_output : QueryKind::encoder_final;
}

TranslationModelOptions options_of(GoldenFile& file) {
  const auto shape = [&](const char* name) { return file.tensor(std::string("param/") + name).shape; };
  return {.source_vocabulary = shape("src_embedding").at(0),
          .target_vocabulary = shape("tgt_embedding").at(0),
          .begin_id = static_cast<std::int32_t>(file.integers("input/target_input").values.at(0)),
          .embedding = shape("src_embedding").at(1),
          .encoder_layers = 1,
          .encoder_units = shape("encoder/Wh_i").at(0),
          .bidirectional = false,
          .encoder_residual = false,
          .decoder_layers = 1,
          .decoder_units = shape("decoder/Wh_i").at(0),
          .decoder_residual = false,
          .attention = {.kind = AttentionKind::additive, .units = shape("b1").at(0), .heads = 1},
          .query = query_kind(file.name()),
          .input_feeding = false,
          .dense_bridge = false,
          .readout = 0,
          .tied_output = false,
          .shared_embedding = false,
          .weights = {},
          .recurrent = {},
          .embeddings = {},
          .forget_bias = 0};
}

/// The sentence pairs and parameters of one golden file, and a model for them.
class Example {
 public:
  explicit Example(GoldenComparison& golden)
      : golden_(golden),
        file_(golden.file()),
        source_packing_(file_.integers("input/source_lengths").values, file_.integers("input/source").shape.at(1)),
        target_packing_(file_.integers("input/target_lengths").values, file_.integers("input/target").shape.at(1)),
        source_(source_packing_.pack(file_.integers("input/source"))),
        target_(target_packing_.pack(file_.integers("input/target"))),
        target_input_(target_packing_.pack(file_.integers("input/target_input"))),
        model_(options_of(file_)),
        parameters_(model_.layout()) {
    for (const auto& [dataset, name] : kParameters) {
      copy(to_tensor(file_.tensor(std::string("param/") + dataset)), parameters_.value(name));
    }
    for (const auto& [group, name] : kLstms) {
      set_golden_lstm(file_, std::string("param/") + group, parameters_, name);
    }
  }

  void compare_losses() {
    const CrossEntropySums sums = model_.loss(parameters_.parameters(), pairs(), 0, workspace_);
    golden_.expect_output("output/loss", {sums.nll / tokens()});
    for (const std::string& dataset : file_.datasets_below("output")) {
      if (!dataset.starts_with(kSmoothedLoss)) continue;
      const double smoothing = std::stod(dataset.substr(kSmoothedLoss.size()));
      const CrossEntropySums smoothed = model_.loss(parameters_.parameters(), pairs(), smoothing, workspace_);
      golden_.expect_output(dataset, {smoothed.smoothed / tokens()});
      EXPECT_EQ(smoothed.nll, sums.nll);
    }
  }

  void compare_gradients() {
    const CrossEntropySums sums =
        model_.loss_and_gradient(parameters_.parameters(), parameters_.gradients(), pairs(), 0, {}, workspace_);
    golden_.expect_output("output/loss", {sums.smoothed / tokens()});
    for (float& value : gradient_span()) value /= static_cast<float>(tokens());
    for (const auto& [dataset, name] : kParameters) {
      golden_.expect_gradient(std::string("grad/") + dataset, to_doubles(parameters_.gradient(name)));
    }
    for (const auto& [group, name] : kLstms) {
      expect_golden_lstm_gradients(golden_, std::string("grad/") + group, parameters_, name);
    }
  }

  /// Teacher forcing, one step of search after another.
  void compare_steps() {
    TranslationModel::EncodedSource source;
    model_.encode(parameters_.parameters(), source_, source_packing_.offsets(), source, workspace_);
    Tensor log_probs(target_packing_.tokens(), model_.options().target_vocabulary);
    Tensor weights(target_packing_.tokens(), source_packing_.steps());
    weights.fill(0.0F);
    for (std::int64_t b = 0; b < target_packing_.sentences(); ++b) decode(source, b, log_probs, weights);
    golden_.expect_output("output/log_probs", target_packing_.pack(file_.tensor("output/log_probs")),
                          to_doubles(log_probs));
    golden_.expect_output("output/attention_weights", target_packing_.pack(file_.tensor("output/attention_weights")),
                          to_doubles(weights));
  }

 private:
  void decode(const TranslationModel::EncodedSource& source, std::int64_t sentence, View log_probs, View weights) {
    DecoderState state, next;
    gather_rows(source.first, {&sentence, 1}, state);
    const std::int64_t begin = target_packing_.offsets().begin()[sentence];
    const TranslationModel::HypothesisRows rows{sentence, 0, 1};
    for (std::int64_t row = begin; row < begin + target_packing_.length(sentence); ++row) {
      const std::int32_t previous = target_input_[static_cast<std::size_t>(row)];
      const ConstView x =
          model_.step(parameters_.parameters(), source, {&previous, 1}, {&rows, 1}, state, next, workspace_);
      model_.log_probabilities(parameters_.parameters(), x, log_probs.row_range(row, 1));
      std::swap(state, next);
      const std::int64_t length = source_packing_.length(sentence);
      ASSERT_EQ(workspace_.decoder.attention.front().weights.size(), length);
      copy(workspace_.decoder.attention.front().weights, weights.row_range(row, 1).column_range(0, length));
    }
  }

  SentencePairs pairs() const { return {source_, target_, source_packing_.offsets(), target_packing_.offsets()}; }
  double tokens() const { return static_cast<double>(target_packing_.tokens()); }
  std::span<float> gradient_span() {
    return {parameters_.gradients().values, static_cast<std::size_t>(model_.layout().size())};
  }

  GoldenComparison& golden_;
  GoldenFile& file_;
  Packing source_packing_, target_packing_;
  std::vector<std::int32_t> source_, target_, target_input_;
  TranslationModel model_;
  LayerParameters parameters_;
  TranslationModel::Workspace workspace_;
};

TEST(TranslationModelGoldenTest, ReproducesEveryFile) {
  if (const auto reason = no_golden_folder()) GTEST_SKIP() << *reason;
  for (const std::filesystem::path& path : golden_files("seq2seq_")) {
    SCOPED_TRACE(path.filename().string());
    GoldenComparison golden(path);
    Example example(golden);
    example.compare_losses();
    example.compare_steps();
    example.compare_gradients();
    golden.expect_all_used();
  }
}

}  // namespace
}  // namespace dragoman::test
