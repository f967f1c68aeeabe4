using System.Runtime.CompilerServices;

namespace Wasmrun.Sandbox.Wasi;

/// <summary>
/// What a guest asked when it polled last, and what stands with the kernel. A server asks the same again and again; as long as it
/// does, and its descriptors stay what they are, neither they nor the poll set need to be gone through once more.
/// </summary>
internal sealed unsafe class RepeatedPoll
{
    private Question[] _questions = [];
    private uint _count;
    private int _closings;

    /// <summary>Keeps what was asked.</summary>
    /// <param name="subscriptions">Where the guest has it.</param>
    /// <param name="closings">How many descriptors and sockets of the guest have been closed by now.</param>
    public void Remember(Subscription* subscriptions, uint count, int closings)
    {
        if (_questions.Length < count)
        {
            _questions = new Question[count * 2];
        }

        for (var index = 0u; index < count; index++)
        {
            _questions[index] = new(subscriptions[index].Type, subscriptions[index].Descriptor);
        }

        _count = count;
        _closings = closings;
    }

    /// <summary>Whether the same is asked, about the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Is(Subscription* subscriptions, uint count, int closings)
    {
        if (count != _count || closings != _closings)
        {
            return false;
        }

        foreach (var question in _questions.AsSpan(0, (int)count))
        {
            if (subscriptions->Type != question.Type || subscriptions->Descriptor != question.Descriptor)
            {
                return false;
            }

            subscriptions++;
        }

        return true;
    }

    public void Forget() => _count = 0;

    private readonly record struct Question(SubscriptionType Type, uint Descriptor);
}
