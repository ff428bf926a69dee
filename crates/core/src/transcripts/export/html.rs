//! The files of an HTML export: looked at before their page is drawn, so that damage is drawn as damage, and then
//! put into the document or beside it.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use domain::ids::AttachmentId;
use transcript::export::html::{HtmlFile, Part, Piece, Place};
use transcript::export::names;
use transcript::html::Media;
use transcript::{Context, FileCopy, LocalPath};

use super::super::TranscriptError;
use super::run::Step;
use super::source::{Looked, Source, Stored};
use super::wording::Tally;

/// Bytes of a picture that is put into a style sheet once, however often it is drawn. Larger ones are put where
/// they are drawn.
const SMALL: u64 = 256 * 1024;

/// An HTML file, and what is known of the files that it shows.
pub(super) struct Html {
    pub(super) file: HtmlFile,
    media: Media,
    /// Files of the page under way, and small pictures of the pages before.
    known: HashMap<AttachmentId, Stored>,
    /// The numbers of small pictures that have a rule.
    rules: HashMap<AttachmentId, usize>,
    /// Files beside the document.
    beside: BTreeMap<AttachmentId, String>,
    /// Damaged pictures: each is counted once, and not read again.
    damaged: HashSet<AttachmentId>,
}

impl Html {
    pub(super) fn new(media: Media, nonce: String) -> Self {
        Self {
            file: HtmlFile::new(media, nonce),
            media,
            known: HashMap::new(),
            rules: HashMap::new(),
            beside: BTreeMap::new(),
            damaged: HashSet::new(),
        }
    }

    pub(super) fn take_files(&mut self) -> Vec<(AttachmentId, String)> {
        std::mem::take(&mut self.beside).into_iter().collect()
    }

    /// Looks at every file that a page may show, and lets the page show what was found.
    pub(super) async fn look_at_files(
        &mut self,
        source: &impl Source,
        context: &mut Context,
        tally: &mut Tally,
    ) -> Result<(), TranscriptError> {
        // Of earlier pages, only pictures that are drawn again are of use.
        let rules = &self.rules;
        self.known.retain(|id, _| rules.contains_key(id));
        for copy in context.files.values_mut() {
            let FileCopy::Stored(path, _) = copy else { continue };
            match self.look(source, path).await? {
                Looked::Whole(_) => {}
                Looked::Damaged => *copy = FileCopy::Damaged,
                Looked::Gone => *copy = FileCopy::Erased,
            }
        }
        let pictures = [&mut context.emojis, &mut context.stickers, &mut context.avatars];
        for map in pictures {
            let mut damaged = Vec::new();
            for (id, path) in &*map {
                if !self.is_whole(source, path, tally).await? {
                    damaged.push(*id);
                }
            }
            map.retain(|id, _| !damaged.contains(id));
        }
        let mut damaged = Vec::new();
        for (address, path) in &context.media {
            if !self.is_whole(source, path, tally).await? {
                damaged.push(address.clone());
            }
        }
        context.media.retain(|address, _| !damaged.contains(address));
        for person in context.people.values_mut() {
            if let Some(path) = &person.avatar
                && !self.is_whole(source, path, tally).await?
            {
                person.avatar = None;
            }
        }
        Ok(())
    }

    /// Whether a picture is there. One that is not is drawn by its name, or by a letter.
    async fn is_whole(
        &mut self,
        source: &impl Source,
        path: &LocalPath,
        tally: &mut Tally,
    ) -> Result<bool, TranscriptError> {
        let looked = self.look(source, path).await?;
        if looked == Looked::Damaged && id_of(path).is_some_and(|id| self.damaged.insert(id)) {
            tally.damaged += 1;
        }
        Ok(matches!(looked, Looked::Whole(_)))
    }

    async fn look(
        &mut self,
        source: &impl Source,
        path: &LocalPath,
    ) -> Result<Looked, TranscriptError> {
        let Some(id) = id_of(path) else { return Ok(Looked::Gone) };
        if let Some(stored) = self.known.get(&id) {
            return Ok(Looked::Whole(stored.clone()));
        }
        if self.damaged.contains(&id) {
            return Ok(Looked::Damaged);
        }
        let looked = source.look(id).await?;
        if let Looked::Whole(stored) = &looked {
            self.known.insert(id, stored.clone());
        }
        Ok(looked)
    }

    /// Fills the places of a page.
    pub(super) fn fill(&mut self, pieces: Vec<Piece>, steps: &mut VecDeque<Step>) {
        if self.media == Media::Inside {
            self.rules_of(&pieces, steps);
        }
        // What a page shows need not be in the file a second time to be saved.
        let mut shown = HashSet::new();
        for piece in pieces {
            let place = match piece {
                Piece::Text(text) => {
                    steps.push_back(Step::Text(text));
                    continue;
                }
                Piece::File(place) => place,
            };
            let found = id_of(&place.file).and_then(|id| Some((id, self.known.get(&id)?)));
            let Some((id, stored)) = found else {
                steps.push_back(Step::Text(place.without()));
                continue;
            };
            if self.media == Media::Beside {
                let path = names::in_archive(id.get(), &stored.name, stored.media_type);
                steps.push_back(Step::Text(place.beside(&path, &stored.name)));
                self.beside.insert(id, path);
                continue;
            }
            inside(&place, id, stored, self.rules.get(&id).copied(), &mut shown, steps);
        }
    }

    /// The rules of small pictures that are drawn here for the first time.
    fn rules_of(&mut self, pieces: &[Piece], steps: &mut VecDeque<Step>) {
        let mut fresh = Vec::new();
        for piece in pieces {
            let Piece::File(Place { file, part: Part::Small(_) }) = piece else { continue };
            let Some(id) = id_of(file) else { continue };
            let Some(stored) = self.known.get(&id).filter(|stored| stored.length <= SMALL) else {
                continue;
            };
            let Some(media_type) = stored.media_type else { continue };
            let number = self.rules.len();
            if let std::collections::hash_map::Entry::Vacant(rule) = self.rules.entry(id) {
                rule.insert(number);
                fresh.push((id, number, media_type));
            }
        }
        if fresh.is_empty() {
            return;
        }
        steps.push_back(Step::Text(self.file.open_pictures()));
        for (id, number, media_type) in fresh {
            let (before, after) = HtmlFile::picture_rule(number, media_type);
            steps.push_back(Step::Text(before));
            steps.push_back(Step::Base64(id));
            steps.push_back(Step::Text(after.to_owned()));
        }
        steps.push_back(Step::Text(self.file.close_pictures()));
    }
}

fn inside(
    place: &Place,
    id: AttachmentId,
    stored: &Stored,
    rule: Option<usize>,
    shown: &mut HashSet<AttachmentId>,
    steps: &mut VecDeque<Step>,
) {
    if let (Part::Small(_), Some(number)) = (&place.part, rule) {
        return steps.push_back(Step::Text(place.by_rule(number)));
    }
    let media_type = if place.part.shows() {
        // Only what its bytes show to be a picture or a sound is shown.
        match stored.media_type {
            Some(media_type) => media_type,
            None => return steps.push_back(Step::Text(place.without())),
        }
    } else {
        let here = stored.media_type.is_some() && place.part == Part::Link;
        if here || shown.contains(&id) {
            return steps.push_back(Step::Text(place.without()));
        }
        "application/octet-stream"
    };
    if place.part.shows() {
        shown.insert(id);
    }
    let (before, after) = place.inside(media_type, &stored.name);
    steps.push_back(Step::Text(before));
    steps.push_back(Step::Base64(id));
    steps.push_back(Step::Text(after));
}

/// The file that an address of the site names.
fn id_of(path: &LocalPath) -> Option<AttachmentId> {
    path.as_str().rsplit_once('/')?.1.parse().ok()
}
