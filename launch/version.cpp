#include "launch/version.h"

#include <map>

#include "trainer/library_versions.h"

namespace dragoman {

std::string version_text() {
  std::map<std::string, std::string> versions = library_versions();
  std::string text = "Dragoman " + versions.extract("Dragoman").mapped() + "\n";
  for (const auto& [name, version] : versions) text.append(name).append(" ").append(version).append("\n");
  return text;
}

}  // namespace dragoman
