#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/dataset/vocabulary.hpp>

#include <string>
#include <string_view>

namespace eucv::dataset {

/// The canonical URI of a concept: equal for all URIs that are known to mean the same; any other URI is returned as it
/// is.
///
/// Equal are: the forms of an address of Europeana that normalise_concept_uri() knows, /concept/base/N of 2021 among
/// them; http and https, a slash at the end, and the pages about a term of Getty's AAT
/// (http://vocab.getty.edu/page/aat/N); and a term of the pilot's vocabulary and its equal term of the AAT.
[[nodiscard]] std::string canonical_concept_uri(std::string_view uri);

} // namespace eucv::dataset

#ifdef EUCV_IMPLEMENTATION_DATASET
#include <algorithm>

namespace eucv::dataset {

std::string canonical_concept_uri(std::string_view uri) {
  std::string same = normalise_concept_uri(uri);
  if (same.starts_with("https://")) same.erase(4, 1);
  while (same.ends_with('/')) same.pop_back();
  constexpr std::string_view page = "http://vocab.getty.edu/page/aat/", term = "http://vocab.getty.edu/aat/";
  if (same.starts_with(page)) same.replace(0, page.size(), term);
  if (!same.starts_with(term)) return same;
  const auto& subjects = pilot_vocabulary();
  const auto equal = std::ranges::find(subjects, same, &subject::aat);
  return equal == subjects.end() ? same : equal->uri;
}

} // namespace eucv::dataset
#endif
