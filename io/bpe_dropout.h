#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "io/random.h"
#include "io/tokenizer.h"

namespace dragoman {

/// The merges of a BPE model: which two pieces make a third, and which of several merges comes first.
class BpeMerges {
 public:
  /// @throws ConfigurationError where the tokenizer is no BPE model.
  explicit BpeMerges(const Tokenizer& tokenizer);

  /// Segments a sentence anew, from its characters: at every step each possible merge is left out with probability
  /// `rate`, and the first of those that remain is made, until none remains  (Provilkova et al. 2020,
  /// arXiv:1910.13267). A rate of 0 gives back what Tokenizer::encode() gave.
  /// @param ids a sentence's pieces, which spell its text  @param result appended to
  void segment(std::span<const std::int32_t> ids, double rate, RandomStream& random,
               std::vector<std::int32_t>& result) const;

 private:
  struct Merge {
    std::int32_t piece;
    float score;
  };
  static std::uint64_t key(std::int32_t left, std::int32_t right) {
    return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
  }
  void merge_word(std::vector<std::int32_t>& word, double rate, RandomStream& random) const;

  std::vector<std::vector<std::int32_t>> characters_;  // of every piece, or the piece itself where it has no parts
  std::vector<bool> starts_word_;                      // whether a merge never joins a piece to what is before it
  std::unordered_map<std::uint64_t, Merge> merges_;
};

/// BPE dropout of training pairs: every epoch sees other segmentations of them.
struct BpeDropout {
  double rate = 0;  // 0: the corpus's own segmentation
  std::shared_ptr<const BpeMerges> source, target;

  /// @throws ConfigurationError where a rate above 0 meets a tokenizer that is no BPE model.
  static BpeDropout of(double rate, const TokenizerPair& tokenizers);
};

}  // namespace dragoman
