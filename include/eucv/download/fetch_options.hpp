#pragma once

#include <eucv/crawl/politeness.hpp>
#include <eucv/download/journal.hpp>
#include <eucv/download/picture.hpp>
#include <eucv/download/source.hpp>

#include <cstddef>
#include <cstdint>

namespace eucv::download {

/// Options of a download.
struct fetch_options {
  std::size_t jobs = 64;          ///< items at a time, each from its request until its picture is made
  std::size_t threads = 0;        ///< that decode; 0: one a core
  int redirects = 5;              ///< of one item, at most; each is queued at the host that it leads to
  crawl::politeness politeness{}; ///< limits for each host
  crawl::robots_rule robots = crawl::robots_rule::honour; ///< whether robots.txt and X-Robots-Tag are followed
  picture_options picture{};                              ///< how pictures are stored
  std::uint64_t body_limit = std::uint64_t{64} << 20;     ///< bytes of one file
  std::size_t memory = std::size_t{256} << 20;            ///< bytes of bodies in memory at a time
  failures failed = failures::keep; ///< whether items that failed in an earlier run are fetched again
  /// The source that choose_source() set in the table; stored in the folder, so that a later run does not mix sources.
  picture_source source = picture_source::original;
  std::uint64_t seed = 1; ///< of the jitter of retries
};

} // namespace eucv::download
