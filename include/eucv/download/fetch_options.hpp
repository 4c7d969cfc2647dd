#pragma once

#include <eucv/crawl/politeness.hpp>
#include <eucv/download/journal.hpp>
#include <eucv/download/picture.hpp>
#include <eucv/download/source.hpp>

#include <cstddef>
#include <cstdint>

namespace eucv::download {

/// Numbers of a download.
struct fetch_options {
  std::size_t jobs = 64;   ///< items at a time, from the request until the picture is made
  std::size_t threads = 0; ///< that decode; 0: one a core
  int redirects = 5;       ///< of one item; each is another turn, at the host that it leads to
  crawl::politeness hosts{};
  crawl::robots_rule robots = crawl::robots_rule::honour;
  picture_options picture{};
  std::uint64_t body_limit = std::uint64_t{64} << 20; ///< bytes of one file
  std::size_t memory = std::size_t{256} << 20;        ///< bytes of files at a time between the network and the disk
  failures failed = failures::keep;
  /// What choose_source() made of the table: kept with the folder, so that a later run does not mix sources.
  picture_source source = picture_source::original;
  std::uint64_t seed = 1; ///< of the jitter between tries
};

} // namespace eucv::download
