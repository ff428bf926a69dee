//! Every component in every state: to look at, to test with axe, and to copy from.

use domain::time::Millis;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::islands::{CharacterCounts, PanelPreview, SaveBar};
use crate::ui::{
    Alert, Avatar, AvatarSize, Badge, Button, ButtonKind, Card, Checkbox, Chip, Choice, ChoiceList,
    Dialog, DialogButton, EmptyState, ErrorSummary, Icon, IconName, LinkButton, NavItem,
    Pagination, Person, Select, SelectOption, SideNav, Step, Table, Tabs, TextArea, TextInput,
    Time, Tone,
};

/// The page `/design`. Its sample texts are in English on purpose: it is for those who build Wardesk.
#[component]
pub fn Design() -> impl IntoView {
    view! {
        <Title text="Design"/>
        <div class="page-head">
            <div><h1>"Design"</h1><p class="lede">"The parts that every page is made of, in every state."</p></div>
            <div class="page-actions">
                <LinkButton href="#forms">"Forms"</LinkButton>
                <Button kind=ButtonKind::Primary>"Primary"</Button>
            </div>
        </div>
        <div class="stack">
            <Buttons/>
            <Messages/>
            <Forms/>
            <Lists/>
            <Places/>
            <Icons/>
        </div>
    }
}

#[component]
fn Buttons() -> impl IntoView {
    let kinds = [
        (ButtonKind::Primary, "Primary"),
        (ButtonKind::Plain, "Plain"),
        (ButtonKind::Quiet, "Quiet"),
        (ButtonKind::Danger, "Danger"),
    ];
    view! {
        <Card title="Buttons" lede="One primary button per view; danger asks first.">
            <div class="row">
                {kinds.map(|(kind, label)| view! { <Button kind=kind>{label}</Button> })}
                <Button disabled=true>"Disabled"</Button>
                <LinkButton href="/design" external=true>"Leaves the site"<Icon name=IconName::External/></LinkButton>
            </div>
            <div class="row">
                {kinds.map(|(kind, label)| view! { <Button kind=kind small=true>{label}</Button> })}
                <Button small=true square=true label="Move up"><Icon name=IconName::Up/></Button>
                <Button small=true square=true label="Move down" disabled=true><Icon name=IconName::Down/></Button>
            </div>
            <div class="row">
                <DialogButton target="sample-dialog" kind=ButtonKind::Danger>"Close ticket …"</DialogButton>
            </div>
            <Dialog id="sample-dialog" title="Close ticket 0042?">
                <p>"The channel disappears; the transcript stays."</p>
                <TextInput name="sample_reason" label="Reason" optional=true limit=1000/>
                <div class="dialog-foot"><Button kind=ButtonKind::Danger>"Close the ticket"</Button></div>
            </Dialog>
        </Card>
    }
}

#[component]
fn Messages() -> impl IntoView {
    let tones = [
        (Tone::Good, "Good"),
        (Tone::Info, "Info"),
        (Tone::Warn, "Warn"),
        (Tone::Danger, "Danger"),
    ];
    view! {
        <Card title="Messages">
            {tones.map(|(tone, title)| view! {
                <Alert tone=tone title=title>"The words say it; the colour only repeats it."</Alert>
            })}
            <div class="row">
                <Badge label="Plain"/>
                {tones.map(|(tone, title)| view! { <Badge label=title tone=tone/> })}
                <Chip label="Moderators" colour=0x3b_a5_5d/>
                <Chip label="No colour" colour=0/>
            </div>
            <EmptyState icon=IconName::Ticket title="No tickets yet" text="As soon as someone opens one, it is listed here.">
                <LinkButton href="/design">"Publish a panel"</LinkButton>
            </EmptyState>
        </Card>
    }
}

/// A picker of channels: some under a heading, some no good choice.
fn channels() -> Vec<SelectOption> {
    let under = |value: &str, label: &str, heading: &str| {
        SelectOption::new(value, label).under(Some(heading.to_owned()))
    };
    vec![
        SelectOption::new("", "Post none"),
        SelectOption::new("9", "420000000000000009").flagged(Some("deleted")),
        SelectOption::new("1", "welcome"),
        under("2", "general", "Talk"),
        under("3", "a-channel-with-a-name-as-long-as-they-get-somewhere-on-a-large-server", "Talk"),
        under("4", "support-log", "Team"),
        under("5", "owners-only", "Team").flagged(Some("the bot has no access")),
    ]
}

#[component]
fn Forms() -> impl IntoView {
    let zones = ["Europe/Berlin", "Europe/London", "America/New_York"];
    let mut options = vec![SelectOption::new("", "None")];
    options.extend(
        zones.map(|z| SelectOption::new(z, z).under(z.split('/').next().map(str::to_owned))),
    );
    let choices = (1..=11)
        .map(|n| Choice {
            value: n.to_string(),
            label: format!("Role {n} with a name"),
            colour: Some(if n % 4 == 0 { 0 } else { 0x0015_9AC8 * n % 0xFF_FFFF }),
            problem: (n == 3).then(|| "deleted".to_owned()),
            checked: n < 4,
        })
        .collect::<Vec<_>>();
    let problems = vec![
        (
            "design_wrong".to_owned(),
            "Button".to_owned(),
            "At most 12 characters; this has 28.".to_owned(),
        ),
        ("design_list".to_owned(), "Support roles".to_owned(), "This no longer exists.".to_owned()),
    ];
    view! {
        <div class="columns" id="forms">
            <form class="stack" id="design-form" method="get" action="/design">
                <ErrorSummary problems=problems/>
                <Card title="Fields" lede="Label, hint, error and count belong to one control.">
                    <TextInput name="panel_title" label="Title" value="Need help?" limit=256/>
                    <TextArea name="panel_text" label="Text" value="Press the button.\nWe answer within a day." limit=4096 optional=true hint="Discord's markdown works here."/>
                    <div class="question-grid">
                        <TextInput name="panel_colour" label="Colour" input_type="color" value="#0a655b" class="input-colour"/>
                        <TextInput name="panel_button_emoji" label="Emoji" value="🎫" optional=true/>
                    </div>
                    <TextInput name="panel_button_label" label="Button" value="Open a ticket" limit=80/>
                    <TextInput name="wrong" id="design_wrong" label="Button" value="Far too long for this button" limit=12 error=Some("At most 12 characters; this has 28.".to_owned())/>
                    <TextInput name="off" label="Disabled" value="Cannot be changed" disabled=true/>
                    <Select name="zone" label="Time zone" value="Europe/Berlin" options=options/>
                    <Select search=true name="channel" label="Channel for notices" value="3" options=channels() hint="Gets what staff should know."/>
                    <Select search=true name="channel_wrong" label="Channel for closed tickets" value="9" options=channels() error=Some("This no longer exists.".to_owned())/>
                    <Select search=true name="channel_off" label="Category for tickets" value="1" options=channels() disabled=true/>
                    <Checkbox name="ticked" label="Needs an answer" checked=true/>
                    <Checkbox name="unticked" label="Not ticked"/>
                    <Checkbox name="off2" label="Disabled" disabled=true/>
                    <div class="row">
                        <Checkbox name="radio" value="a" label="One" checked=true input_type="radio"/>
                        <Checkbox name="radio" value="b" label="Other" input_type="radio"/>
                    </div>
                    <ChoiceList id="design_list" name="roles[]" label="Support roles" choices=choices error=Some("One of them no longer exists.".to_owned())/>
                </Card>
                <div class="form-foot"><Button kind=ButtonKind::Primary>"Save changes"</Button></div>
                <CharacterCounts form="design-form".to_owned()/>
                <SaveBar
                    form="design-form".to_owned()
                    text="You have unsaved changes.".to_owned()
                    save="Save changes".to_owned()
                    saving="Saving …".to_owned()
                    reset="Reset".to_owned()
                    changed=false
                    stored="/design".to_owned()
                />
            </form>
            <aside class="preview stack-s" aria-label="Preview">
                <h2>"Preview"</h2>
                <PanelPreview
                    form="design-form".to_owned()
                    title="Need help?".to_owned()
                    text="Press the button.\nWe answer within a day.".to_owned()
                    colour="#0a655b".to_owned()
                    label="Open a ticket".to_owned()
                    emoji="🎫".to_owned()
                    tag="App".to_owned()
                />
            </aside>
        </div>
    }
}

#[component]
fn Lists() -> impl IntoView {
    let rows = [
        ("0042", "Dana Ito", "Open", Some(Tone::Good)),
        ("0041", "a-member-with-a-very-long-name-indeed", "Closing", Some(Tone::Warn)),
        ("0040", "Sam", "Closed", None),
    ];
    view! {
        <Table caption="Tickets" columns=["Ticket", "Opened by", "State", "Opened"].map(str::to_owned).to_vec()>
            {rows.map(|(number, name, state, tone)| view! {
                <tr>
                    <td data-label="Ticket"><a class="row-link" href="/design">{number}</a></td>
                    <td data-label="Opened by"><Person name=name avatar=None/></td>
                    <td data-label="State">{match tone {
                        Some(tone) => view! { <Badge label=state tone=tone/> }.into_any(),
                        None => view! { <Badge label=state/> }.into_any(),
                    }}</td>
                    <td data-label="Opened"><Time at=Millis(1_795_251_900_000) zone="Europe/Berlin"/></td>
                </tr>
            })}
        </Table>
        <Pagination newer=Some("/design?newer".to_owned()) older=Some("/design?older".to_owned())/>
        <Card title="Checklist">
            <ol class="steps">
                <Step number=1 done=true title="Say who supports" text="Members with these roles see tickets." done_label="Done">
                    <LinkButton href="/design" small=true>"Change"</LinkButton>
                </Step>
                <Step number=2 done=false title="Publish a panel" text="The message with the button." done_label="Done">
                    <LinkButton href="/design" small=true kind=ButtonKind::Primary>"Set up"</LinkButton>
                </Step>
            </ol>
        </Card>
    }
}

#[component]
fn Places() -> impl IntoView {
    let item = |label: &str, icon, current| NavItem {
        href: "/design".into(),
        label: label.into(),
        icon,
        current,
    };
    let side = vec![
        item("Overview", Some(IconName::Home), false),
        item("Tickets", Some(IconName::Ticket), true),
        item("Panels", Some(IconName::Panel), false),
        item("Settings", Some(IconName::Settings), false),
    ];
    let tabs = vec![item("Open", None, true), item("Closed", None, false)];
    view! {
        <Card title="Places">
            <SideNav label="Sample navigation" items=side/>
            <Tabs label="Sample views" items=tabs/>
            <ul class="tiles">
                <li class="tile">
                    <Avatar name="The Owl House" server=true/>
                    <span class="tile-name"><a href="/design">"The Owl House"</a></span>
                </li>
                <li class="tile">
                    <Avatar name="A server with a rather long name that wraps" server=true size=AvatarSize::Large/>
                    <span class="tile-name">"A server with a rather long name that wraps"</span>
                    <LinkButton href="/design" small=true>"Invite"</LinkButton>
                </li>
            </ul>
        </Card>
    }
}

#[component]
fn Icons() -> impl IntoView {
    view! {
        <Card title="Icons">
            <div class="row">{IconName::ALL.map(|name| view! { <Icon name=name/> })}</div>
        </Card>
    }
}
