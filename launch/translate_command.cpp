#include "launch/translate_command.h"

#include "io/text_reader.h"
#include "launch/errors.h"
#include "launch/inference.h"

namespace dragoman {

namespace {

constexpr std::size_t kBlockLines = 2000;  // translated together: enough to fill batches with sentences of like length

/// The next lines of standard input, on all ranks. @return nothing at its end
std::vector<std::string> next_block(TextReader& input, Communicator& communicator) {
  std::string text;
  communicator.all_or_none([&] {
    if (communicator.rank() != 0) return;
    std::string_view line;
    for (std::size_t i = 0; i < kBlockLines && input.next(line); ++i) text.append(line) += '\n';
  });
  communicator.broadcast(text);
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

int run_translate(const TranslateOptions& options, Communicator& communicator, std::ostream& out) {
  Inference inference(options.inference, communicator);
  TextReader input({TextReader::kStandardInput});
  for (auto lines = next_block(input, communicator); !lines.empty(); lines = next_block(input, communicator)) {
    for (const std::string& translation : inference.translate(lines)) out << translation << '\n';
    out.flush();
  }
  return kExitDone;
}

}  // namespace dragoman
