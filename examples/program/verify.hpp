#pragma once

#include "program/options.hpp"
#include "program/table_text.hpp"

#include <eucv/download/verify.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <string>

namespace program {

struct verify_options : common_options {
  std::string images;
};

inline void describe_verify(CLI::App& command, verify_options& options) {
  command.add_option("images", options.images, "The folder of a download")->type_name("IMAGES")->required();
}

/// `eucv verify`: every stored file against its recorded hash. Prints one line a fault.
inline status verify(const verify_options& options) {
  progress_display display(options.progress());
  const auto found = eucv::download::verify(options.images, options.threads, display.sink());
  display.clear();
  for (const auto& fault : found.faults) std::cout << fault.reason << ' ' << fault.file << '\n';
  std::cout << counted(found.files, "file") << " in " << options.images << ", "
            << fixed(static_cast<double>(found.bytes) / 1e6, 1) << " MB";
  if (found.faults.empty()) {
    std::cout << ", all as recorded\n";
    return status::done;
  }
  std::cout << ", " << counted(found.faults.size(), "fault") << '\n';
  aligned_table reasons({"reason", ">files"});
  for (const auto& [reason, count] : found.reasons()) reasons.add({reason, std::to_string(count)});
  std::cout << reasons;
  return status::incomplete;
}

} // namespace program
