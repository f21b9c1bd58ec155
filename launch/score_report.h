#pragma once

#include <ostream>
#include <string>

#include "trainer/bleu.h"
#include "trainer/chrf.h"
#include "trainer/ter.h"

namespace dragoman {

/// Prints a score on a line of its own: sacreBLEU's form, or a JSON object at full precision.
void print_bleu(const BleuScore& score, const std::string& signature, bool json, std::ostream& out);

void print_chrf(double score, const ChrfOptions& options, const std::string& signature, bool json, std::ostream& out);
void print_ter(const TerStatistics& statistics, const std::string& signature, bool json, std::ostream& out);

}  // namespace dragoman
