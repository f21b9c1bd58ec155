#include "tests/io/example_files.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace dragoman::test {
namespace {

TextLines lines(const std::vector<std::string>& texts) {
  TextLines result;
  for (const std::string& text : texts) {
    result.bytes += text;
    result.offsets.push_back(static_cast<std::int64_t>(result.bytes.size()));
  }
  return result;
}

}  // namespace

Shard example_valid_shard() {
  Shard shard;
  shard.split = "valid";
  shard.source_language = "en";
  shard.target_language = "de";
  shard.source_tokenizer_hash = "00112233445566778899aabbccddeeff";
  shard.target_tokenizer_hash = "ffeeddccbbaa99887766554433221100";
  shard.source_vocabulary = 300;
  shard.target_vocabulary = 70'000;
  shard.origin = "val.en val.de";
  shard.pair_ids = {0, 1, 5};
  shard.source = {{4, 5, 1, 299}, {0, 3, 3, 4}};
  shard.target = {{69'999, 6, 7, 8, 4}, {0, 1, 4, 5}};
  shard.source_text = lines({"a man", "", "hat"});
  shard.target_text = lines({"ein Mann", "über", "Hüte"});
  return shard;
}

Shard example_train_shard(int vocabulary) {
  Shard shard = example_valid_shard();
  shard.split = "train";
  shard.source_text = shard.target_text = {};
  shard.source_vocabulary = shard.target_vocabulary = vocabulary;
  shard.source = shard.target = {};
  shard.pair_ids.clear();
  for (int sentence = 0; sentence < 40; ++sentence) {
    for (int i = 0; i <= sentence % 7; ++i) {
      shard.source.ids.push_back(4 + (sentence * 31 + i * 7) % (vocabulary - 4));
      shard.target.ids.push_back(vocabulary - 1 - (sentence + i) % (vocabulary - 4));
    }
    shard.source.offsets.push_back(static_cast<std::int64_t>(shard.source.ids.size()));
    shard.target.offsets.push_back(static_cast<std::int64_t>(shard.target.ids.size()));
    shard.pair_ids.push_back(sentence * 3);
  }
  return shard;
}

std::vector<SoftAlignment> example_alignments() {
  return {{0, {"\u2581a", "\u2581man", "</s>"}, {"\u2581Mann", "</s>"}, {0.25F, 0.75F, 0, 0, 0.125F, 0.875F}},
          {0, {"\u2581a", "\u2581man", "</s>"}, {"\u2581\u00fcber"}, {1, 0, 0}},
          {1, {}, {}, {}},
          {2, {"</s>"}, {"</s>"}, {1}}};
}

ExampleCheckpoint::ExampleCheckpoint() {
  state.step = 12'000;
  state.epoch = 3;
  state.seed = 0xfedcba9876543210;
  state.slots = {{3, 1, 17}, {3, 2, 0}};
  state.best_score = 35.25;
  state.best_step = 11'800;
  state.validations_without_best = 1;
  state.schedule_scale = 0.125;
  state.schedule_bad_validations = 2;
  state.finished = true;
  state.target_tokens = 123'456'789'012;
  state.window = {1234.5, 1000.25, 512};
  state.configuration = "run: runs/täst\nseed: 1\n";
  state.corpus_hash = "0123456789abcdef0123456789abcdef";
  state.source_tokenizer = std::string("model\0with zeros\0", 17);
  state.versions = {{"dragoman", "0.1.0"}, {"isa", "avx2"}};
  values.resize(6);
  for (int i = 0; i < 6; ++i) values[0].push_back(0.5F * static_cast<float>(i) - 1);
  values[1] = {std::bit_cast<float>(0x7fc12345U), -0.0F, std::numeric_limits<float>::infinity()};
  values[2] = {1e-42F};
  for (int i = 0; i < 9; ++i) values[3].push_back(static_cast<float>(i) / 3);
  values[5] = {1, 2, 3};
  // values[4] stays empty: a tensor may have no elements.
  tensors.parameters = {{"encoder.forward.weight", {2, 3}, values[0]},
                        {"decoder/bias", {3}, values[1]},
                        {"attention.scale", {}, values[2]},
                        {"unused", {0, 4}, values[4]}};
  tensors.optimizer = {{"adam.first_moment", {9}, values[3]}};
  tensors.average = {{"decoder/bias", {3}, values[5]}};
}

void ExampleCheckpoint::write(const std::filesystem::path& path) const {
  commit_checkpoint(CheckpointImage(state, tensors).write(path), path);
}

Destination::Destination(const std::vector<NamedConstSpan>& like) {
  for (const NamedConstSpan& tensor : like) values.emplace_back(tensor.values.size(), -77.0F);
  for (std::size_t i = 0; i < like.size(); ++i) spans.push_back({like[i].name, like[i].shape, values[i]});
}

}  // namespace dragoman::test
